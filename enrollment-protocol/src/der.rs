//! Certificates and certification requests in JSON.

use std::fmt;

use data_encoding::{BASE64, DecodeError};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The DER of a certificate or certification request: base64 (RFC 4648, section 4, with padding) in JSON. What is in
/// it is the receiver's to check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Der(pub Vec<u8>);

impl Der {
    /// Reads base64.
    ///
    /// # Errors
    /// Where it is not base64.
    pub fn from_base64(text: &str) -> Result<Self, DecodeError> {
        BASE64.decode(text.as_bytes()).map(Self)
    }
}

impl Serialize for Der {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Der {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = Der;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Der, E> {
                Der::from_base64(text).map_err(|error| E::custom(format!("not base64: {error}")))
            }
        }

        deserializer.deserialize_str(Base64)
    }
}
