//! Certification requests (PKCS#10, RFC 2986): they bring a key and the proof that whoever sends it has the private
//! half, and nothing else. A request that wants more is refused with what was too much.

use const_oid::AssociatedOid;
use const_oid::db::rfc5912;
use der::{Decode, Encode};
use signature::Verifier;
use x509_cert::request::{CertReq, ExtensionReq};

use enroll_server_model::KeyAlgorithm;

use super::key_check::{KeyFlaw, check_key};
use super::public_key::{PublicKey, PublicKeyError};

/// Most bytes of a request: an RSA-4096 request with a long name has about 1,600.
pub const LONGEST: usize = 4096;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum CsrError {
    /// It is longer than any request for a key.
    #[error("the request is longer than {LONGEST} bytes")]
    TooLong,
    /// It is not DER of a certification request.
    #[error("the request is not PKCS#10 in DER: {0}")]
    Malformed(#[from] der::Error),
    /// Its key is of no kind that is certified here.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// Its key is weak or invalid.
    #[error(transparent)]
    Flaw(#[from] KeyFlaw),
    /// It asks for extensions.
    #[error(
        "the request asks for the extensions {0}; a request brings a key alone, what the certificate says comes from the holder's record"
    )]
    Extensions(String),
    /// It has other attributes.
    #[error("the request has the attributes {0}; a request brings a key alone")]
    Attributes(String),
    /// It is signed in a way that does not go with its key.
    #[error("the request is signed with the algorithm {found}; a {key} key signs with {expected}")]
    SignatureAlgorithm {
        /// The signature algorithm's OID.
        found: String,
        /// The key's algorithm.
        key: KeyAlgorithm,
        /// What was expected.
        expected: &'static str,
    },
    /// Its signature is not by its key.
    #[error(
        "the request's signature is not by its own key: whoever sent it has not shown that they have the private key"
    )]
    Signature,
}

/// Reads a request, checks its signature (the proof of possession) and its key, and answers the key.
///
/// Its subject is not looked at.
///
/// # Errors
/// Whatever is wrong first.
pub fn verify(der: &[u8]) -> Result<PublicKey, CsrError> {
    if der.len() > LONGEST {
        return Err(CsrError::TooLong);
    }
    let request = CertReq::from_der(der)?;
    refuse_attributes(&request)?;
    let key = PublicKey::from_spki(&request.info.public_key)?;
    check_key(&key)?;
    verify_signature(&request, &key)?;
    Ok(key)
}

fn refuse_attributes(request: &CertReq) -> Result<(), CsrError> {
    let mut others = Vec::new();
    for attribute in request.info.attributes.iter() {
        if attribute.oid != ExtensionReq::OID {
            others.push(attribute.oid.to_string());
            continue;
        }
        let mut extensions = Vec::new();
        for value in attribute.values.iter() {
            let asked = ExtensionReq::from_der(&value.to_der()?)?;
            extensions.extend(
                asked
                    .0
                    .iter()
                    .map(|extension| extension.extn_id.to_string()),
            );
        }
        if !extensions.is_empty() {
            return Err(CsrError::Extensions(extensions.join(", ")));
        }
    }
    if others.is_empty() {
        Ok(())
    } else {
        Err(CsrError::Attributes(others.join(", ")))
    }
}

fn verify_signature(request: &CertReq, key: &PublicKey) -> Result<(), CsrError> {
    let (oid, expected) = match key.algorithm() {
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => (
            rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
            "sha256WithRSAEncryption",
        ),
        KeyAlgorithm::P256 => (rfc5912::ECDSA_WITH_SHA_256, "ecdsa-with-SHA256"),
        KeyAlgorithm::P384 => (rfc5912::ECDSA_WITH_SHA_384, "ecdsa-with-SHA384"),
    };
    if request.algorithm.oid != oid {
        return Err(CsrError::SignatureAlgorithm {
            found: request.algorithm.oid.to_string(),
            key: key.algorithm(),
            expected,
        });
    }
    let message = request.info.to_der()?;
    let signature = request.signature.raw_bytes();
    verify_with(key, &message, signature).map_err(|_| CsrError::Signature)
}

/// Verifies a signature with the hash that goes with the key: SHA-256, or SHA-384 for P-384.
///
/// # Errors
/// If the signature is malformed or not by this key.
pub fn verify_with(
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), signature::Error> {
    match key.algorithm() {
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
            use rsa::pkcs1::DecodeRsaPublicKey;
            let public =
                rsa::PublicKey::from_pkcs1_der(key.bits()).map_err(|_| signature::Error::new())?;
            rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(public)
                .verify(message, &rsa::pkcs1v15::Signature::try_from(signature)?)
        }
        KeyAlgorithm::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(key.bits())?
            .verify(message, &p256::ecdsa::DerSignature::try_from(signature)?),
        KeyAlgorithm::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(key.bits())?
            .verify(message, &p384::ecdsa::DerSignature::try_from(signature)?),
    }
}
