//! The keys as they are kept.

use card_edge::piv::KeyAlgorithm;
use serde::{Deserialize, Serialize};

use super::encoding::algorithm;
use crate::key_store::{Attestation, KeyHandle, KeyPolicy, KeyRequest, KeyStore, KeyStoreError};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made on this card: it has never been anywhere else.
    Generated,
    /// Written to it from outside.
    Imported,
}

/// A key, as its key store wants it kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// What kind of key it is.
    #[serde(with = "algorithm")]
    pub algorithm: KeyAlgorithm,
    /// Where it comes from.
    pub origin: Origin,
    /// How its key store finds it.
    pub handle: KeyHandle,
    /// What proves where it lives, if its key store gave that.
    pub attestation: Option<Attestation>,
}

impl KeyRecord {
    /// A new key, which nobody has asked an attestation of.
    ///
    /// # Errors
    /// As [`KeyStore::generate`].
    pub fn generate(
        keys: &dyn KeyStore,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
    ) -> Result<Self, KeyStoreError> {
        let created = keys.generate(&KeyRequest {
            algorithm,
            policy,
            challenge: None,
        })?;
        Ok(Self {
            algorithm,
            origin: Origin::Generated,
            handle: created.handle,
            attestation: created.attestation,
        })
    }
}
