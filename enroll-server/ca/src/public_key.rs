//! Public keys that are certified, and keys of authorities.

use const_oid::db::rfc5912;
use der::asn1::Any;
use der::{Decode, Encode};
use enroll_server_model::KeyAlgorithm;
use rcgen::PublicKeyData;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use sha1::{Digest, Sha1};
use signature::Verifier;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

use crate::key_id::KeyId;
use crate::signature_algorithm::SignatureAlgorithm;

/// The first octet of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key: its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    bits: Vec<u8>,
}

/// Why a SubjectPublicKeyInfo is not certified here.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// It is not DER of a SubjectPublicKeyInfo.
    #[error("the public key is malformed: {0}")]
    Malformed(#[from] der::Error),
    /// Its algorithm is not supported.
    #[error(
        "the public key's algorithm {0} is not supported: it must be RSA with 2048, 3072 or 4096 bits, P-256 or P-384"
    )]
    Unsupported(ObjectIdentifier),
    /// RSA of another size.
    #[error("the RSA key has {0} bits: it must have 2048, 3072 or 4096")]
    RsaSize(u32),
    /// It is not a PKCS#1 RSAPublicKey.
    #[error("the RSA key is malformed")]
    MalformedRsa,
    /// It is not in the one form that is accepted.
    #[error("the public key is not in the form in which it is certified: {0:?}")]
    OtherForm(KeyForm),
}

/// What the one accepted form of a public key demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// A BIT STRING of whole octets.
    WholeOctets,
    /// rsaEncryption with NULL for its parameters (RFC 3279, section 2.3.1).
    NullParameters,
    /// An uncompressed point (RFC 5480, section 2.2).
    UncompressedPoint,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo. Whether the key is sound is checked by [`crate::key_check`].
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
        let algorithm = match info.algorithm.oid {
            rfc5912::RSA_ENCRYPTION => rsa_algorithm(info, &bits)?,
            rfc5912::ID_EC_PUBLIC_KEY => ec_algorithm(info, &bits)?,
            other => return Err(PublicKeyError::Unsupported(other)),
        };
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

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// What its private half signs with.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::of(self.algorithm)
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
        match self.algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                let public = rsa::PublicKey::from_pkcs1_der(&self.bits)
                    .map_err(|_| signature::Error::new())?;
                rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(public)
                    .verify(message, &rsa::pkcs1v15::Signature::try_from(signature)?)
            }
            KeyAlgorithm::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.bits)?
                .verify(message, &p256::ecdsa::DerSignature::try_from(signature)?),
            KeyAlgorithm::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.bits)?
                .verify(message, &p384::ecdsa::DerSignature::try_from(signature)?),
        }
    }
}

fn rsa_algorithm(
    info: &SubjectPublicKeyInfoOwned,
    bits: &[u8],
) -> Result<KeyAlgorithm, PublicKeyError> {
    // RFC 3279, section 2.3.1.
    if info.algorithm.parameters != Some(Any::null()) {
        return Err(PublicKeyError::OtherForm(KeyForm::NullParameters));
    }
    let key = rsa::PublicKey::from_pkcs1_der(bits).map_err(|_| PublicKeyError::MalformedRsa)?;
    match key.n().bit_width_vartime() {
        2048 => Ok(KeyAlgorithm::Rsa2048),
        3072 => Ok(KeyAlgorithm::Rsa3072),
        4096 => Ok(KeyAlgorithm::Rsa4096),
        size => Err(PublicKeyError::RsaSize(size)),
    }
}

fn ec_algorithm(
    info: &SubjectPublicKeyInfoOwned,
    bits: &[u8],
) -> Result<KeyAlgorithm, PublicKeyError> {
    let algorithm = match named_curve(info) {
        Some(rfc5912::SECP_256_R_1) => KeyAlgorithm::P256,
        Some(rfc5912::SECP_384_R_1) => KeyAlgorithm::P384,
        other => {
            return Err(PublicKeyError::Unsupported(
                other.unwrap_or(info.algorithm.oid),
            ));
        }
    };
    // RFC 5480, section 2.2; sshd reads no other.
    if bits.first() == Some(&UNCOMPRESSED) {
        Ok(algorithm)
    } else {
        Err(PublicKeyError::OtherForm(KeyForm::UncompressedPoint))
    }
}

/// The named curve of an elliptic-curve key (RFC 5480, section 2.1.1).
fn named_curve(info: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    let parameters = info.algorithm.parameters.as_ref()?;
    parameters.decode_as::<ObjectIdentifier>().ok()
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    // rcgen names a key by the algorithm that it signs with; what it writes is the key's algorithm alone.
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.signature_algorithm().to_rcgen()
    }
}
