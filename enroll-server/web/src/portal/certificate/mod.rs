//! Certificates.

mod decoded;
pub mod files;
pub mod list;
pub mod revoke;
mod serial;
pub mod show;
use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::error::Error;
use enroll_server_service::query::{self, Certificate};

use super::problem::Problem;
use super::view::{Moment, Tag};
use super::words;

/// A certificate as a row of a list.
pub struct CertificateRow {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub purpose: &'static str,
    /// Its key, and where that is.
    pub detail: String,
    /// Whose it is.
    pub holder: String,
    /// Its state.
    pub tag: Tag,
    /// Until when it is valid.
    pub until: Moment,
}

impl CertificateRow {
    fn new(certificate: Certificate, holder: String, detail: String, now: Timestamp) -> Self {
        Self {
            tag: words::certificate_tag(&certificate, now),
            until: Moment::new(certificate.not_after.date_time(), now.date_time()),
            purpose: words::slot(certificate.slot.as_deref().unwrap_or_default()).purpose,
            id: certificate.id,
            detail,
            holder,
        }
    }

    /// The row of a phone's certificate on the phone's own page.
    #[must_use]
    pub fn of_phone(certificate: Certificate, now: Timestamp) -> Self {
        let slot = certificate.slot.as_deref().unwrap_or_default();
        let detail = format!("{}, slot {slot}", certificate.algorithm);
        Self::new(certificate, String::new(), detail, now)
    }
}

/// The bytes of a certificate.
async fn der(app: &App, id: &str) -> Result<Vec<u8>, Problem> {
    query::certificate_der(app, id).await?.ok_or_else(|| {
        Problem::from(Error::Conflict(
            "This certificate is on record but not signed. Look again in a minute.".to_owned(),
        ))
    })
}
