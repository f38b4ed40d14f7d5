//! Public keys that are certified, and keys of authorities.

use der::{Decode, Encode};
use enroll_server_model::KeyAlgorithm;
use rcgen::PublicKeyData;
use sha1::{Digest, Sha1};
use spki::SubjectPublicKeyInfoOwned;
use ssh_key::public::KeyData;
use x509_cert::Certificate;

use crate::key_id::KeyId;
use crate::key_type::error::{KeyFlaw, KeyForm, PublicKeyError};
use crate::key_type::table;
use crate::signature_algorithm::SignatureAlgorithm;

/// A public key: its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    bits: Vec<u8>,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo. Whether the key is sound is another [check](Self::check).
    ///
    /// A key is accepted in one form alone: in another it would have another [id](Self::id), and pass for another key.
    ///
    /// # Errors
    /// If it is malformed, in another form, or of an algorithm that is not certified here.
    pub fn from_spki(info: &SubjectPublicKeyInfoOwned) -> Result<Self, PublicKeyError> {
        let bits = info
            .subject_public_key
            .as_bytes()
            .ok_or(PublicKeyError::OtherForm(KeyForm::WholeOctets))?
            .to_vec();
        let algorithm = table::read(info, &bits)?;
        Ok(Self {
            algorithm,
            spki: info.to_der()?,
            bits,
        })
    }

    /// Reads the DER of a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// As [`PublicKey::from_spki`].
    pub fn from_der(der: &[u8]) -> Result<Self, PublicKeyError> {
        Self::from_spki(&SubjectPublicKeyInfoOwned::from_der(der)?)
    }

    /// The key of a certificate, DER.
    ///
    /// # Errors
    /// As [`PublicKey::from_spki`].
    pub fn of_certificate(der: &[u8]) -> Result<Self, PublicKeyError> {
        let certificate = Certificate::from_der(der)?;
        Self::from_spki(certificate.tbs_certificate().subject_public_key_info())
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// What its private half signs with.
    #[must_use]
    pub fn signature_algorithm(&self) -> &'static SignatureAlgorithm {
        table::of(self.algorithm).signature_algorithm()
    }

    /// Checks that the key is sound. Blocks for some milliseconds.
    ///
    /// # Errors
    /// The first flaw found.
    pub fn check(&self) -> Result<(), KeyFlaw> {
        table::of(self.algorithm).check(&self.bits)
    }

    /// The key as SSH writes it.
    ///
    /// # Errors
    /// If it is malformed.
    pub(crate) fn to_ssh(&self) -> Result<KeyData, ssh_key::Error> {
        table::of(self.algorithm).to_ssh(&self.bits)
    }

    /// The DER of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The content of the BIT STRING: a SEC1 point, or a PKCS#1 RSAPublicKey.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Its name: SHA-256 of the DER of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of_spki(&self.spki)
    }

    /// The subject key identifier (RFC 5280, section 4.2.1.2, method 1): SHA-1 of the BIT STRING's content.
    #[must_use]
    pub fn key_identifier(&self) -> Vec<u8> {
        Sha1::digest(&self.bits).to_vec()
    }

    /// Verifies a signature made with its [signature algorithm](Self::signature_algorithm).
    ///
    /// # Errors
    /// If the signature is malformed or not by this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), signature::Error> {
        table::of(self.algorithm).verify(&self.bits, message, signature)
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    // rcgen names a key by the algorithm that it signs with; what it writes is the key's algorithm alone.
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.signature_algorithm().rcgen
    }
}
