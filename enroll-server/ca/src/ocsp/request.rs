//! OCSP requests (RFC 6960, section 4.1).

use const_oid::db::rfc6960;
use x509_cert_02::der::Decode;
use x509_cert_02::der::asn1::OctetString;
use x509_cert_02::ext::Extension;
use x509_ocsp::{CertId, OcspRequest};

use crate::ca_certificate::CaCertificate;

/// Most bytes of a request that is read.
pub const LONGEST_REQUEST: usize = 16 * 1024;
/// Most certificates in one request.
const MOST_CERTIFICATES: usize = 100;

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
    pub(super) nonce: Option<Vec<u8>>,
}

/// A certificate by its issuer's hashes and its serial number (CertID, RFC 6960, section 4.1.1).
#[derive(Clone, Debug)]
pub struct CertificateId(pub(super) CertId);

impl CertificateId {
    /// The serial number's octets, lower-case hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        data_encoding::HEXLOWER.encode(self.0.serial_number.as_bytes())
    }

    /// Whether the certificate is one of this issuer's.
    #[must_use]
    pub fn is_of(&self, issuer: &CaCertificate) -> bool {
        issuer.hashes.are(
            self.0.hash_algorithm.oid.as_bytes(),
            self.0.issuer_name_hash.as_bytes(),
            self.0.issuer_key_hash.as_bytes(),
        )
    }
}

impl Query {
    /// Reads a request.
    ///
    /// # Errors
    /// If it is too long, is not DER of a request, asks for none or too many certificates, has a nonce of a forbidden length, or a
    /// critical extension that is not understood.
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
        let of_certificates = asked
            .iter()
            .flat_map(|one| one.single_request_extensions.iter().flatten());
        let unknown = request.tbs_request.request_extensions.iter().flatten();
        let unknown = unknown.filter(|one| !is_nonce(one)).chain(of_certificates);
        // RFC 6960, section 4.4: an extension that is not understood is ignored, unless it is critical.
        if let Some(critical) = unknown.into_iter().find(|one| one.critical) {
            return Err(MalformedRequest(format!(
                "critical extension {}",
                critical.extn_id
            )));
        }
        let nonce = request
            .tbs_request
            .request_extensions
            .iter()
            .flatten()
            .find(|extension| is_nonce(extension))
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

    /// Whether the answer must be made for this request alone.
    #[must_use]
    pub fn has_nonce(&self) -> bool {
        self.nonce.is_some()
    }
}

fn is_nonce(extension: &Extension) -> bool {
    extension.extn_id.as_bytes() == rfc6960::ID_PKIX_OCSP_NONCE.as_bytes()
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
