//! Certification requests (PKCS#10, RFC 2986): they bring a key and the proof that whoever sends it has the private
//! half, and nothing else. A request that wants more is refused with what was too much.

use const_oid::AssociatedOid;
use der::{Decode, Encode};
use enroll_server_model::KeyAlgorithm;
use x509_cert::request::{CertReq, ExtensionReq};

use crate::key_type::error::{KeyFlaw, PublicKeyError};
use crate::public_key::PublicKey;

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
    /// Its key is not of a kind that is certified here.
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

/// Reads a request, checks its signature (the proof of possession) and its key, and returns the key.
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
    key.check()?;
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
    let expected = key.signature_algorithm();
    if request.algorithm.oid != expected.oid {
        return Err(CsrError::SignatureAlgorithm {
            found: request.algorithm.oid.to_string(),
            key: key.algorithm(),
            expected: expected.name,
        });
    }
    let message = request.info.to_der()?;
    key.verify(&message, request.signature.raw_bytes())
        .map_err(|_| CsrError::Signature)
}
