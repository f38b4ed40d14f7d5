//! The kinds of keys that are enrolled.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A key's algorithm and size. Which of them a phone makes is the phone's to say, and which of them a server
/// certifies the server's: both refuse the others by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum KeyAlgorithm {
    /// RSA with a modulus of 2048 bits and the exponent 65537.
    Rsa2048,
    /// RSA with a modulus of 3072 bits and the exponent 65537.
    Rsa3072,
    /// RSA with a modulus of 4096 bits and the exponent 65537.
    Rsa4096,
    /// ECDSA or ECDH on NIST P-256.
    P256,
    /// ECDSA or ECDH on NIST P-384.
    P384,
}

/// A text that is not an algorithm of the protocol.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an algorithm: algorithms are {list}", list = KeyAlgorithm::ALL.map(KeyAlgorithm::as_str).join(", "))]
pub struct UnknownAlgorithm(pub String);

impl KeyAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
    ];

    /// The algorithm as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::Rsa4096 => "RSA-4096",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
            .ok_or_else(|| UnknownAlgorithm(text.to_owned()))
    }
}

impl TryFrom<String> for KeyAlgorithm {
    type Error = UnknownAlgorithm;

    fn try_from(text: String) -> Result<Self, UnknownAlgorithm> {
        text.parse()
    }
}

impl From<KeyAlgorithm> for &'static str {
    fn from(algorithm: KeyAlgorithm) -> Self {
        algorithm.as_str()
    }
}
