//! Public keys that are certified.

use const_oid::db::rfc5912;
use der::asn1::Any;
use der::{Decode, Encode};
use rcgen::{
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm,
};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use sha1::{Digest, Sha1};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

use enroll_server_model::KeyAlgorithm;
use enroll_server_model::random::sha256_hex;

/// The first octet of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key: its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    bits: Vec<u8>,
}

/// Why a SubjectPublicKeyInfo is none that is certified here.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// It is no SubjectPublicKeyInfo.
    #[error("the public key is malformed: {0}")]
    Malformed(#[from] der::Error),
    /// Its algorithm is none of ours.
    #[error("the public key's algorithm {0} is not supported: it must be RSA, P-256 or P-384")]
    Unsupported(ObjectIdentifier),
    /// RSA of another size.
    #[error("the RSA key has {0} bits: it must have 2048, 3072 or 4096")]
    RsaSize(u32),
    /// It is no PKCS#1 RSAPublicKey.
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
    /// Reads a SubjectPublicKeyInfo. The key's own soundness is another matter: [`super::key_check`].
    ///
    /// A key is taken in one form alone: in another it would have another [hash](Self::hash), and pass for another key.
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
            rfc5912::RSA_ENCRYPTION => {
                // RFC 3279, section 2.3.1.
                if info.algorithm.parameters != Some(Any::null()) {
                    return Err(PublicKeyError::OtherForm(KeyForm::NullParameters));
                }
                let key = rsa::PublicKey::from_pkcs1_der(&bits)
                    .map_err(|_| PublicKeyError::MalformedRsa)?;
                match key.n().bit_width_vartime() {
                    2048 => KeyAlgorithm::Rsa2048,
                    3072 => KeyAlgorithm::Rsa3072,
                    4096 => KeyAlgorithm::Rsa4096,
                    size => return Err(PublicKeyError::RsaSize(size)),
                }
            }
            rfc5912::ID_EC_PUBLIC_KEY => match curve(info) {
                Some(rfc5912::SECP_256_R_1) => KeyAlgorithm::P256,
                Some(rfc5912::SECP_384_R_1) => KeyAlgorithm::P384,
                Some(other) => return Err(PublicKeyError::Unsupported(other)),
                None => return Err(PublicKeyError::Unsupported(info.algorithm.oid)),
            },
            other => return Err(PublicKeyError::Unsupported(other)),
        };
        // RFC 5480, section 2.2; sshd reads no other.
        if info.algorithm.oid == rfc5912::ID_EC_PUBLIC_KEY && bits.first() != Some(&UNCOMPRESSED) {
            return Err(PublicKeyError::OtherForm(KeyForm::UncompressedPoint));
        }
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

    /// SHA-256 of the DER of its SubjectPublicKeyInfo, lower-case hexadecimal: the name of the key.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(&self.spki)
    }

    /// The subject key identifier (RFC 5280, section 4.2.1.2, method 1): SHA-1 of the BIT STRING's content.
    #[must_use]
    pub fn key_identifier(&self) -> Vec<u8> {
        key_identifier(&self.bits)
    }
}

/// The subject key identifier of a key by the content of its BIT STRING.
#[must_use]
pub fn key_identifier(bits: &[u8]) -> Vec<u8> {
    Sha1::digest(bits).to_vec()
}

/// The named curve of an elliptic-curve key (RFC 5480, section 2.1.1).
fn curve(info: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    let parameters = info.algorithm.parameters.as_ref()?;
    parameters.decode_as::<ObjectIdentifier>().ok()
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    // rcgen names a key by the algorithm that it signs with; what it writes is the key's algorithm alone.
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                &PKCS_RSA_SHA256
            }
            KeyAlgorithm::P256 => &PKCS_ECDSA_P256_SHA256,
            KeyAlgorithm::P384 => &PKCS_ECDSA_P384_SHA384,
        }
    }
}
