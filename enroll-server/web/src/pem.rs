//! Certificates as PEM (RFC 7468).

use axum::http::StatusCode;
use der::pem::{LineEnding, encode_string};

/// A certificate as PEM.
///
/// # Errors
/// If it cannot be encoded, which is noted in the log.
pub fn certificate(der: &[u8]) -> Result<String, StatusCode> {
    encode_string("CERTIFICATE", LineEnding::LF, der).map_err(|error| {
        tracing::error!(%error, "a certificate could not be written as PEM");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}
