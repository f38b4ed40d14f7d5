//! What a key store gives for a key, to be kept with the card's state.

use serde::{Deserialize, Serialize};

use crate::secret::{Base64, Secret};

/// What a key store needs to find a key again; opaque to everyone else, and secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHandle(Secret);

impl KeyHandle {
    /// A handle with this content.
    #[must_use]
    pub fn new(content: Vec<u8>) -> Self {
        Self(Secret::new(content))
    }

    /// The content.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What proves where a key lives: a chain of certificates in DER, the key's own first, the maker's root last. It is
/// given once, when the key is made, and cannot be had again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation(pub Vec<Vec<u8>>);

impl Serialize for Attestation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .iter()
                .map(|certificate| data_encoding::BASE64.encode(certificate)),
        )
    }
}

impl<'de> Deserialize<'de> for Attestation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Certificate(Vec<u8>);
        impl<'de> Deserialize<'de> for Certificate {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Base64).map(Self)
            }
        }
        let chain = Vec::<Certificate>::deserialize(deserializer)?;
        Ok(Self(chain.into_iter().map(|one| one.0).collect()))
    }
}
