//! What is done with keys of a type.

use enroll_server_model::KeyAlgorithm;
use rcgen::KeyPair;
use spki::SubjectPublicKeyInfoOwned;
use ssh_key::public::KeyData;
use x509_cert::ext::pkix::KeyUsages;

use super::error::{KeyFlaw, PublicKeyError};
use crate::error::Result;
use crate::signature_algorithm::SignatureAlgorithm;

/// A type of keys. A public key is passed as the content of the BIT STRING of its SubjectPublicKeyInfo.
pub(crate) trait KeyType: Sync {
    /// What its keys sign with.
    fn signature_algorithm(&self) -> &'static SignatureAlgorithm;

    /// The bit of keyUsage (RFC 5280, section 4.2.1.3) of its keys that decrypt.
    fn decrypts_by(&self) -> KeyUsages;

    /// The type of the key of an authority's OCSP responder, where the authority's own is of this type: whoever can
    /// verify the issuer's signature can verify the responder's, which is made often and is as short as that allows.
    fn responder(&self) -> KeyAlgorithm;

    /// Whether a public key is sound: checked before it is certified, because a certificate over a weak key is worth
    /// nothing and cannot be taken back from those who trusted it.
    ///
    /// # Errors
    /// The first flaw found.
    fn check(&self, key: &[u8]) -> Result<(), KeyFlaw>;

    /// Verifies a signature.
    ///
    /// # Errors
    /// If the signature is malformed or not by this key.
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), signature::Error>;

    /// A new key.
    ///
    /// # Errors
    /// If it cannot be generated.
    fn generate(&self) -> Result<KeyPair, rcgen::Error>;

    /// A public key to try a profile with, whose private half nobody has.
    ///
    /// # Errors
    /// If it cannot be made.
    fn sample(&self) -> Result<SubjectPublicKeyInfoOwned>;

    /// A public key as SSH writes it.
    ///
    /// # Errors
    /// If it is malformed.
    fn to_ssh(&self, key: &[u8]) -> Result<KeyData, ssh_key::Error>;
}

/// Reads which algorithm a SubjectPublicKeyInfo is of, with the content of its BIT STRING; none if it is of another
/// family.
pub(crate) type Reader =
    fn(&SubjectPublicKeyInfoOwned, &[u8]) -> Option<Result<KeyAlgorithm, PublicKeyError>>;
