//! Whoever signs OCSP answers in an authority's name (RFC 6960, section 4.2.2.2).

use std::time::Duration;

use const_oid::db::rfc6960;
use enroll_server_model::{KeyAlgorithm, RevocationReason, Timestamp, Validity};
use x509_cert_02::Certificate;
use x509_cert_02::der::asn1::{Any, BitString, GeneralizedTime, OctetString};
use x509_cert_02::der::oid::ObjectIdentifier;
use x509_cert_02::der::{Decode, Encode};
use x509_cert_02::ext::Extension;
use x509_cert_02::ext::pkix::CrlReason;
use x509_cert_02::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspResponse, ResponderId, ResponseData,
    RevokedInfo, SingleResponse, Version,
};

use super::request::Query;
use super::status::Status;
use crate::ca_certificate::CaCertificate;
use crate::error::{CaError, Result};
use crate::key_type::table;
use crate::signature_algorithm::SignatureAlgorithm;
use crate::signer::sign::Signer;

/// Who signs answers in an authority's name: a key and a certificate of a short life.
#[derive(Clone, Debug)]
pub struct Responder {
    key: Signer,
    id: ResponderId,
    signature_algorithm: AlgorithmIdentifierOwned,
    certificate: Certificate,
    validity: Validity,
}

/// How long an answer is valid for those who do not ask again.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTimes {
    /// When the answer is made.
    pub now: Timestamp,
    /// For how long it holds.
    pub lifetime: Duration,
}

/// The algorithm of the key of an authority's responder.
#[must_use]
pub fn key_algorithm(issuer: KeyAlgorithm) -> KeyAlgorithm {
    table::of(issuer).responder()
}

impl Responder {
    /// A responder with this key, its certificate (DER) and the certificate's validity.
    ///
    /// # Errors
    /// If the certificate cannot be read.
    pub fn new(key: Signer, certificate: &[u8], validity: Validity) -> Result<Self> {
        let identifier = key.public_key().key_identifier();
        Ok(Self {
            id: ResponderId::ByKey(OctetString::new(identifier).map_err(ocsp_error)?),
            signature_algorithm: algorithm_identifier(key.algorithm())?,
            certificate: Certificate::from_der(certificate).map_err(ocsp_error)?,
            key,
            validity,
        })
    }

    /// The authority itself (section 4.2.2.2), where no certificate can be issued for another responder.
    ///
    /// # Errors
    /// If its certificate cannot be read.
    pub fn authority(key: Signer, certificate: &CaCertificate) -> Result<Self> {
        Self::new(key, &certificate.der, certificate.validity())
    }

    /// From when until when its certificate is valid; no answer is valid for longer, unless the certificate has ended
    /// already.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Signs the answer to a request: the status of each certificate, in its order. Returns its DER. Blocks.
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
        let end = times.now.plus(times.lifetime);
        let next_update = time(if self.validity.contains(times.now) {
            end.min(self.validity.not_after)
        } else {
            end
        })?;
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
        let data = ResponseData {
            version: Version::V1,
            responder_id: self.id.clone(),
            produced_at: this_update,
            responses,
            response_extensions: extensions(query)?,
        };
        let message = data.to_der().map_err(ocsp_error)?;
        let signature = self.key.sign(&message)?;
        let basic = BasicOcspResponse {
            tbs_response_data: data,
            signature_algorithm: self.signature_algorithm.clone(),
            signature: BitString::from_bytes(&signature).map_err(ocsp_error)?,
            certs: Some(vec![self.certificate.clone()]),
        };
        OcspResponse::successful(basic)
            .and_then(|response| response.to_der())
            .map_err(ocsp_error)
    }
}

fn algorithm_identifier(algorithm: &SignatureAlgorithm) -> Result<AlgorithmIdentifierOwned> {
    Ok(AlgorithmIdentifierOwned {
        oid: older(algorithm.oid)?,
        parameters: algorithm.has_null_parameters.then(Any::null),
    })
}

/// The same object identifier in the older generation.
fn older(oid: const_oid::ObjectIdentifier) -> Result<ObjectIdentifier> {
    ObjectIdentifier::from_bytes(oid.as_bytes()).map_err(|error| CaError::Ocsp(error.to_string()))
}

fn extensions(query: &Query) -> Result<Option<Vec<Extension>>> {
    let Some(nonce) = &query.nonce else {
        return Ok(None);
    };
    Ok(Some(vec![Extension {
        extn_id: older(rfc6960::ID_PKIX_OCSP_NONCE)?,
        critical: false,
        extn_value: OctetString::new(nonce.clone()).map_err(ocsp_error)?,
    }]))
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
        RevocationReason::CertificateHold => Some(CrlReason::CertificateHold),
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
