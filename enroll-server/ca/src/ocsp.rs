//! OCSP requests and responses (RFC 6960; nonces as RFC 9654 has them).
//!
//! `x509-ocsp` stands on an older generation of the DER crates than the rest: certificates cross to it as DER.

use std::time::Duration;

use const_oid::db::{rfc5912, rfc6960};
use rcgen::{PublicKeyData, SigningKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use x509_cert_02::Certificate;
use x509_cert_02::der::asn1::{BitString, GeneralizedTime, OctetString};
use x509_cert_02::der::oid::ObjectIdentifier;
use x509_cert_02::der::{Decode, Encode};
use x509_cert_02::ext::Extension;
use x509_cert_02::ext::pkix::CrlReason;
use x509_cert_02::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse,
    ResponderId, ResponseData, RevokedInfo, SingleResponse, Version,
};

use enroll_server_model::{RevocationReason, Timestamp};

use super::authority::CaCertificate;
use super::public_key::key_identifier;
use super::signer::Signer;
use super::{CaError, Result};

/// Most bytes of a request that is read.
pub const LONGEST_REQUEST: usize = 16 * 1024;
/// Most certificates in one request.
const MOST_CERTIFICATES: usize = 100;
/// id-sha1.
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
/// id-sha256.
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// A request cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("malformed OCSP request: {0}")]
pub struct MalformedRequest(String);

/// A request.
#[derive(Clone, Debug)]
pub struct Query {
    /// The certificates that are asked for, in the order of the request.
    pub certificates: Vec<CertificateId>,
    /// The DER of the nonce extension's value: to be answered as it came.
    nonce: Option<Vec<u8>>,
}

/// A certificate by its issuer's hashes and its serial number (CertID, RFC 6960, section 4.1.1).
#[derive(Clone, Debug)]
pub struct CertificateId(CertId);

impl CertificateId {
    /// The serial number's octets, lower-case hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        data_encoding::HEXLOWER.encode(self.0.serial_number.as_bytes())
    }

    /// Whether the certificate is one of this issuer's.
    #[must_use]
    pub fn is_of(&self, issuer: &CaCertificate) -> bool {
        let hash = |bytes: &[u8]| match self.0.hash_algorithm.oid {
            SHA_1 => Some(Sha1::digest(bytes).to_vec()),
            SHA_256 => Some(Sha256::digest(bytes).to_vec()),
            _ => None,
        };
        hash(&issuer.subject_der).is_some_and(|name| name == self.0.issuer_name_hash.as_bytes())
            && hash(issuer.key.bits()).is_some_and(|key| key == self.0.issuer_key_hash.as_bytes())
    }
}

impl Query {
    /// Reads a request.
    ///
    /// # Errors
    /// If it is too long, is not DER of a request, asks for none or too many, or has a nonce of a forbidden length.
    pub fn from_der(der: &[u8]) -> Result<Self, MalformedRequest> {
        if der.len() > LONGEST_REQUEST {
            return Err(MalformedRequest("too long".to_owned()));
        }
        let request =
            OcspRequest::from_der(der).map_err(|error| MalformedRequest(error.to_string()))?;
        let asked = request.tbs_request.request_list;
        if asked.is_empty() || asked.len() > MOST_CERTIFICATES {
            return Err(MalformedRequest(format!("{} certificates", asked.len())));
        }
        let nonce = request
            .tbs_request
            .request_extensions
            .iter()
            .flatten()
            .find(|extension| {
                extension.extn_id.as_bytes() == rfc6960::ID_PKIX_OCSP_NONCE.as_bytes()
            })
            .map(|extension| check_nonce(extension.extn_value.as_bytes()))
            .transpose()?;
        Ok(Self {
            certificates: asked
                .into_iter()
                .map(|request| CertificateId(request.req_cert))
                .collect(),
            nonce,
        })
    }

    /// Whether the answer has to be made for this request alone.
    #[must_use]
    pub fn has_nonce(&self) -> bool {
        self.nonce.is_some()
    }
}

/// A nonce is an OCTET STRING of 1 to 128 octets (RFC 9654, section 2.1).
fn check_nonce(der: &[u8]) -> Result<Vec<u8>, MalformedRequest> {
    let nonce = OctetString::from_der(der).map_err(|error| MalformedRequest(error.to_string()))?;
    if (1..=128).contains(&nonce.as_bytes().len()) {
        Ok(der.to_vec())
    } else {
        Err(MalformedRequest("nonce of a forbidden length".to_owned()))
    }
}

/// What is said of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was issued here and is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// Nothing is known of it; above all, it is not known to be good.
    Unknown,
}

/// An answer that is not signed (RFC 6960, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request cannot be read.
    MalformedRequest,
    /// The server failed.
    InternalError,
    /// The certificates are of an authority that this responder does not speak for.
    Unauthorized,
}

impl Refusal {
    /// The response's DER.
    ///
    /// # Errors
    /// If it cannot be encoded.
    pub fn to_der(self) -> Result<Vec<u8>> {
        let response = match self {
            Self::MalformedRequest => OcspResponse::malformed_request(),
            Self::InternalError => OcspResponse::internal_error(),
            Self::Unauthorized => OcspResponse::unauthorized(),
        };
        response.to_der().map_err(ocsp_error)
    }
}

/// Who signs answers in the authority's name: a key and a certificate of a short life.
#[derive(Clone, Debug)]
pub struct Responder {
    /// Its key.
    pub key: Signer,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Until when its certificate is valid; no answer is valid for longer.
    pub not_after: Timestamp,
}

/// How long an answer is valid for those who do not ask again.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTimes {
    /// When the answer is made.
    pub now: Timestamp,
    /// For how long it holds.
    pub lifetime: Duration,
}

impl Responder {
    /// Signs the answer to a request: the status of each certificate, in its order. Answers its DER.
    ///
    /// # Errors
    /// If it cannot be encoded or signed.
    pub fn answer(
        &self,
        query: &Query,
        statuses: &[Status],
        times: AnswerTimes,
    ) -> Result<Vec<u8>> {
        let this_update = time(times.now)?;
        let next_update = time(times.now.plus(times.lifetime).min(self.not_after))?;
        let mut responses = Vec::with_capacity(statuses.len());
        for (id, status) in query.certificates.iter().zip(statuses) {
            responses.push(SingleResponse {
                cert_id: id.0.clone(),
                cert_status: cert_status(*status)?,
                this_update,
                next_update: Some(next_update),
                single_extensions: None,
            });
        }
        let key_hash =
            OctetString::new(key_identifier(self.key.der_bytes())).map_err(ocsp_error)?;
        let data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByKey(key_hash),
            produced_at: this_update,
            responses,
            response_extensions: self.extensions(query)?,
        };
        let message = data.to_der().map_err(ocsp_error)?;
        let signature = self.key.sign(&message)?;
        let certificate = Certificate::from_der(&self.certificate).map_err(ocsp_error)?;
        let basic = BasicOcspResponse {
            tbs_response_data: data,
            signature_algorithm: AlgorithmIdentifierOwned {
                oid: ObjectIdentifier::from_bytes(rfc5912::ECDSA_WITH_SHA_256.as_bytes())
                    .map_err(|error| CaError::Ocsp(error.to_string()))?,
                parameters: None,
            },
            signature: BitString::from_bytes(&signature).map_err(ocsp_error)?,
            certs: Some(vec![certificate]),
        };
        OcspResponse::successful(basic)
            .and_then(|response| response.to_der())
            .map_err(ocsp_error)
    }

    fn extensions(&self, query: &Query) -> Result<Option<Vec<Extension>>> {
        let Some(nonce) = &query.nonce else {
            return Ok(None);
        };
        Ok(Some(vec![Extension {
            extn_id: ObjectIdentifier::from_bytes(rfc6960::ID_PKIX_OCSP_NONCE.as_bytes())
                .map_err(|error| CaError::Ocsp(error.to_string()))?,
            critical: false,
            extn_value: OctetString::new(nonce.clone()).map_err(ocsp_error)?,
        }]))
    }
}

fn cert_status(status: Status) -> Result<CertStatus> {
    Ok(match status {
        Status::Good => CertStatus::good(),
        Status::Unknown => CertStatus::unknown(),
        Status::Revoked { at, reason } => CertStatus::revoked(RevokedInfo {
            revocation_time: time(at)?,
            revocation_reason: reason_code(reason),
        }),
    })
}

/// The reason; none for "unspecified" (RFC 5280, section 5.3.1).
fn reason_code(reason: RevocationReason) -> Option<CrlReason> {
    match reason {
        RevocationReason::Unspecified => None,
        RevocationReason::KeyCompromise => Some(CrlReason::KeyCompromise),
        RevocationReason::AffiliationChanged => Some(CrlReason::AffiliationChanged),
        RevocationReason::Superseded => Some(CrlReason::Superseded),
        RevocationReason::CessationOfOperation => Some(CrlReason::CessationOfOperation),
        RevocationReason::PrivilegeWithdrawn => Some(CrlReason::PrivilegeWithdrawn),
    }
}

fn time(time: Timestamp) -> Result<OcspGeneralizedTime> {
    let seconds = u64::try_from(time.seconds()).unwrap_or(0);
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
        .map(OcspGeneralizedTime)
        .map_err(ocsp_error)
}

fn ocsp_error(error: x509_cert_02::der::Error) -> CaError {
    CaError::Ocsp(error.to_string())
}
