//! Private keys behind a trait: the applications of the card use keys and never see them.
//!
//! A key store makes and opens keys. What it needs to find a key again it puts into a [`KeyHandle`], which the
//! card's state keeps and nobody else reads: in the software store that is the key itself, in a store of
//! hardware keys a name.

mod software;

use std::fmt;

use card_edge::piv::{self, PublicKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::state::encoding::Secret;

pub use software::SoftwareKeyStore;

/// The kinds of keys that a key store may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// RSA with a modulus of 2048 bits and exponent 65537.
    #[serde(rename = "RSA-2048")]
    Rsa2048,
    /// RSA with a modulus of 3072 bits and exponent 65537.
    #[serde(rename = "RSA-3072")]
    Rsa3072,
    /// ECC on P-256.
    #[serde(rename = "P-256")]
    P256,
    /// ECC on P-384.
    #[serde(rename = "P-384")]
    P384,
}

impl KeyAlgorithm {
    /// All of them, in the order of their identifiers.
    pub const ALL: [Self; 4] = [Self::Rsa3072, Self::Rsa2048, Self::P256, Self::P384];
}

impl From<KeyAlgorithm> for piv::KeyAlgorithm {
    fn from(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Rsa2048 => Self::Rsa2048,
            KeyAlgorithm::Rsa3072 => Self::Rsa3072,
            KeyAlgorithm::P256 => Self::P256,
            KeyAlgorithm::P384 => Self::P384,
        }
    }
}

/// An algorithm that this card makes no keys for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{0} is not an algorithm of this card's keys")]
pub struct UnsupportedAlgorithm(pub piv::KeyAlgorithm);

impl TryFrom<piv::KeyAlgorithm> for KeyAlgorithm {
    type Error = UnsupportedAlgorithm;

    fn try_from(algorithm: piv::KeyAlgorithm) -> Result<Self, UnsupportedAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|known| piv::KeyAlgorithm::from(*known) == algorithm)
            .ok_or(UnsupportedAlgorithm(algorithm))
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        piv::KeyAlgorithm::from(*self).fmt(f)
    }
}

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

/// Why a key store or key did not do what it should.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyStoreError {
    /// The key cannot be made or found, or its use failed inside.
    #[error("the key store failed")]
    Failed,
    /// The block, hash or point that came with the request does not fit the key.
    #[error("the data does not fit the key")]
    InvalidInput,
    /// The operation is none of this kind of key.
    #[error("the key cannot do this")]
    WrongKind,
}

/// Private key material that comes from outside.
#[derive(Clone)]
pub enum ImportedKey {
    /// The two primes of an RSA key with exponent 65537, big-endian.
    Rsa {
        /// The first prime.
        p: Zeroizing<Vec<u8>>,
        /// The second prime.
        q: Zeroizing<Vec<u8>>,
    },
    /// The secret scalar of an ECC key, big-endian, as long as a coordinate.
    Ecc(Zeroizing<Vec<u8>>),
}

/// Makes keys and opens them.
pub trait KeyStore: Send {
    /// Makes a key.
    ///
    /// # Errors
    /// [`KeyStoreError::Failed`] where it cannot.
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<KeyHandle, KeyStoreError>;

    /// Takes over a key from outside.
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where it is no key of this algorithm, [`KeyStoreError::WrongKind`] where
    /// the store takes none from outside.
    fn import(
        &self,
        algorithm: KeyAlgorithm,
        key: &ImportedKey,
    ) -> Result<KeyHandle, KeyStoreError>;

    /// Opens a key for use.
    ///
    /// # Errors
    /// [`KeyStoreError::Failed`] where the handle leads to no key of this algorithm.
    fn open(
        &self,
        algorithm: KeyAlgorithm,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError>;
}

/// A private key, open for use.
pub trait PrivateKey: Send {
    /// Its public half, as GENERATE ASYMMETRIC KEY PAIR answers it.
    fn public_key(&self) -> PublicKey;

    /// RSA: the block, as long as the modulus, to the power of the private exponent. Padding is the host's.
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where the block has another length or is not below the modulus.
    fn apply_rsa(&self, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError>;

    /// ECDSA over a hash as it is: of a longer one the leftmost bits of the curve's length count, a shorter one
    /// is a smaller number (FIPS 186-5, 6.4.1). A DER `SEQUENCE { r INTEGER, s INTEGER }`.
    ///
    /// # Errors
    /// [`KeyStoreError::WrongKind`] where the key is none of a curve.
    fn sign_hash(&self, hash: &[u8]) -> Result<Vec<u8>, KeyStoreError>;

    /// ECDH with the peer's uncompressed point `04 X Y`: the X coordinate of the shared point.
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where the point is not on the key's curve.
    fn agree(&self, point: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyStoreError>;
}
