//! What an OCSP response says.

use enroll_server_model::{RevocationReason, Timestamp};
use x509_cert_02::der::Encode;
use x509_ocsp::OcspResponse;

use crate::error::{CaError, Result};

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
        response
            .to_der()
            .map_err(|error| CaError::Ocsp(error.to_string()))
    }
}
