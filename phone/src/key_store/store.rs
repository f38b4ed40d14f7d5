//! The traits that a key store implements.

use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{KeyAlgorithm, PublicKey};
use thiserror::Error;
use zeroize::Zeroizing;

use super::handle::{Attestation, KeyHandle};
use super::policy::{Authorisation, KeyPolicy};

/// Why a key store or key did not do what it should.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyStoreError {
    /// The key cannot be made or found, or its use failed inside.
    #[error("the key store failed")]
    Failed,
    /// The block, hash, point or imported key that came with the request does not fit the key.
    #[error("the data does not fit the key")]
    InvalidInput,
    /// The key store makes no keys of this kind, or the key does not do this.
    #[error("the key cannot do this")]
    Unsupported,
    /// What has been proved is not enough for this use.
    #[error("the use of the key is not authorised")]
    NotAuthorised,
}

/// What a new key shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRequest<'a> {
    /// Its kind and size.
    pub algorithm: KeyAlgorithm,
    /// What it is for and what each use needs.
    pub policy: KeyPolicy,
    /// What an attestation shall contain, so that it cannot be an old one; `None` where nobody asks for an attestation.
    pub challenge: Option<&'a [u8]>,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// How its key store finds it again.
    pub handle: KeyHandle,
    /// What proves where it lives; `None` where the store attests nothing, or was not asked to.
    pub attestation: Option<Attestation>,
}

/// What keeps the keys of a store from whoever has the phone, by the names of Android's KeyMint (`SecurityLevel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// The phone's system, and nothing else.
    Software,
    /// A separate environment of its processor.
    TrustedEnvironment,
    /// A separate chip.
    StrongBox,
}

/// Makes keys and opens them. A key that it makes or takes over has been tried, as by [`Self::check`]: one that does
/// not work never takes the place of one that does.
pub trait KeyStore: Send {
    /// The kinds of keys that it makes, in the order of their identifiers.
    fn algorithms(&self) -> &[KeyAlgorithm];

    /// What keeps them.
    fn protection(&self) -> Protection {
        Protection::Software
    }

    /// Makes a key.
    ///
    /// # Errors
    /// [`KeyStoreError::Unsupported`] for another kind of key than [`Self::algorithms`] names, [`KeyStoreError::Failed`]
    /// where it cannot be made.
    fn generate(&self, request: &KeyRequest<'_>) -> Result<CreatedKey, KeyStoreError>;

    /// Takes over a key from outside. Nobody can attest such a key.
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where it is not a key of this algorithm or does not work,
    /// [`KeyStoreError::Unsupported`] where the store takes none from outside.
    fn import(
        &self,
        request: &KeyRequest<'_>,
        key: &ImportedKey,
    ) -> Result<KeyHandle, KeyStoreError>;

    /// Tries a key as far as that goes without its holder: signs and verifies, agrees and compares, with the key that
    /// the handle leads to.
    ///
    /// # Errors
    /// [`KeyStoreError::Failed`] where the handle leads to no key of this algorithm, [`KeyStoreError::InvalidInput`]
    /// where the key does not work.
    fn check(&self, algorithm: KeyAlgorithm, handle: &KeyHandle) -> Result<(), KeyStoreError>;

    /// Opens a key for use. `policy` is the one of the place that it is in: a store whose hardware does not hold the key
    /// to it does so itself. It is the one that the key was made with, unless the key was moved to a place that asks for
    /// the PIN as often or more often.
    ///
    /// # Errors
    /// [`KeyStoreError::Failed`] where the handle leads to no key of this algorithm.
    fn open(
        &self,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError>;
}

/// A private key, open for use. Each use fails with [`KeyStoreError::NotAuthorised`] where what has been proved is not
/// enough for the key's policy.
pub trait PrivateKey: Send {
    /// Its public half.
    fn public_key(&self) -> PublicKey;

    /// RSA: the block, as long as the modulus, to the power of the private exponent. Padding is the caller's.
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where the block has another length or is not below the modulus,
    /// [`KeyStoreError::Unsupported`] where the key is not an RSA key.
    fn apply_rsa(
        &self,
        authorisation: Authorisation,
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError>;

    /// ECDSA over a hash as it is: of a longer one the leftmost bits of the curve's length count, a shorter one
    /// is a smaller number (FIPS 186-5, 6.4.1). A DER `SEQUENCE { r INTEGER, s INTEGER }`.
    ///
    /// # Errors
    /// [`KeyStoreError::Unsupported`] where the key is not on a curve.
    fn sign_hash(
        &self,
        authorisation: Authorisation,
        hash: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError>;

    /// EdDSA over a message, whole and as it is (RFC 8032, 5.1.6): 64 bytes.
    ///
    /// # Errors
    /// [`KeyStoreError::Unsupported`] where the key is not an Ed25519 key.
    fn sign_message(
        &self,
        authorisation: Authorisation,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError>;

    /// ECDH with the peer's uncompressed point `04 X Y`: the X coordinate of the shared point. X25519 with the peer's
    /// 32 bytes: the shared secret (RFC 7748, 6.1).
    ///
    /// # Errors
    /// [`KeyStoreError::InvalidInput`] where the point is not on the key's curve, or leads to a secret that everybody
    /// knows, [`KeyStoreError::Unsupported`] where the key does not agree.
    fn agree(
        &self,
        authorisation: Authorisation,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError>;
}
