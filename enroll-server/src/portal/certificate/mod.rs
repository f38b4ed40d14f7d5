//! Certificates.

mod decoded;
pub mod files;
pub mod list;
pub mod revoke;
mod serial;
pub mod show;

use super::problem::Problem;
use super::view::{Moment, Tag};
use super::words;
use crate::App;
use crate::error::Error;
use crate::store::Timestamp;
use crate::store::certificate::{self, Certificate};
use crate::store::holder::{self, Holder};
use crate::store::phone::{self, Phone};

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

/// A certificate of a phone, with the phone and its holder.
struct Found {
    certificate: Certificate,
    phone: Phone,
    holder: Holder,
}

/// The certificate with this id. The server's own certificates have no page.
async fn find(app: &App, id: &str) -> Result<Found, Problem> {
    let not_here = || Problem::from(Error::NotFound("certificate"));
    let on = app.store.reader();
    let certificate = certificate::by_id(on, id).await?.ok_or_else(not_here)?;
    let phone_id = certificate.phone_id.as_deref().ok_or_else(not_here)?;
    let phone = phone::by_id(on, phone_id).await?.ok_or_else(not_here)?;
    let holder = holder::by_id(on, &phone.holder_id)
        .await?
        .ok_or_else(not_here)?;
    Ok(Found {
        certificate,
        phone,
        holder,
    })
}

/// The bytes of a certificate.
async fn der(app: &App, id: &str) -> Result<Vec<u8>, Problem> {
    certificate::der(app.store.reader(), id)
        .await?
        .ok_or_else(|| {
            Problem::from(Error::Conflict(
                "This certificate is on record but not signed. Look again in a minute.".to_owned(),
            ))
        })
}
