//! What a mechanism becomes together with a key: operations know schemes, and no mechanism by name.

use card_edge::piv::extensions::{HashAlgorithm, Scheme};
use zeroize::Zeroizing;

use crate::error::Result;
use crate::hash::Hash;

/// What a card that pads is asked for (docs/card-extensions.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByCard {
    /// The scheme.
    pub scheme: Scheme,
    /// The hash function.
    pub hash_algorithm: HashAlgorithm,
    /// The hash.
    pub hash: Vec<u8>,
}

impl ByCard {
    /// What is asked for with this hash; `None` where the card knows no such function.
    #[must_use]
    pub fn new(scheme: Scheme, function: Hash, hash: &[u8]) -> Option<Self> {
        let hash_algorithm = match function {
            Hash::Sha1 | Hash::Sha224 => return None,
            Hash::Sha256 => HashAlgorithm::Sha256,
            Hash::Sha384 => HashAlgorithm::Sha384,
            Hash::Sha512 => HashAlgorithm::Sha512,
        };
        (hash.len() == hash_algorithm.length()).then(|| Self {
            scheme,
            hash_algorithm,
            hash: hash.to_vec(),
        })
    }
}

/// A way to sign and to verify, with one key.
pub trait SignatureScheme: Send {
    /// The hash function that is applied to the input as it comes; without one the input is taken as it is.
    fn hash(&self) -> Option<Hash>;

    /// The length of a signature in bytes.
    fn length(&self) -> usize;

    /// The same signature, made by a card that pads: which scheme and hash function it is asked for. The input is the hash
    /// then, or has it at its end. `None` where such a card does not make it.
    fn by_card(&self, input: &[u8]) -> Option<ByCard>;

    /// What the card applies the private key to.
    ///
    /// # Errors
    /// [`crate::error::Error::DataLength`] where the input does not fit.
    fn block(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>>;

    /// The signature as PKCS#11 has it, from the card's answer.
    ///
    /// # Errors
    /// [`crate::error::Error::Device`] where the answer is not one.
    fn signature(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>>;

    /// Verifies a signature.
    ///
    /// # Errors
    /// [`crate::error::Error::Signature`], [`crate::error::Error::SignatureLength`] or
    /// [`crate::error::Error::DataLength`].
    fn verify(&self, input: &[u8], signature: &[u8]) -> Result<()>;
}

/// A way to encrypt and to decrypt, with one key.
pub trait EncryptionScheme: Send + Sync {
    /// The length of a ciphertext in bytes.
    fn ciphertext_length(&self) -> usize;

    /// The most bytes that a message can have.
    fn message_max(&self) -> usize;

    /// Encrypts a message.
    ///
    /// # Errors
    /// [`crate::error::Error::DataLength`] where the message does not fit.
    fn encrypt(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>>;

    /// Checks a ciphertext before the card is asked to decrypt it.
    ///
    /// # Errors
    /// [`crate::error::Error::EncryptedDataLength`] or [`crate::error::Error::EncryptedData`].
    fn check(&self, ciphertext: &[u8]) -> Result<()>;

    /// The message, from the card's answer to the ciphertext.
    ///
    /// # Errors
    /// [`crate::error::Error::EncryptedData`], or [`crate::error::Error::Device`] where the answer is not one.
    fn open(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>>;
}
