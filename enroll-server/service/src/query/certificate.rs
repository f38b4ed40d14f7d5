//! A certificate of a phone.

use enroll_server_ca::decoded::Decoded;
use enroll_server_model::{CertificateState, ObjectKind};
use enroll_server_store::audit::RecordedEvent;
use enroll_server_store::certificate::{self, CertificateSummary};
use enroll_server_store::phone;
use enroll_server_store::revocation::{self, Revocation};

use super::history;
use super::phone::{Rest, rest_of_holder};
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};

/// A certificate as a file.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// Which certificate, and whose.
    pub summary: CertificateSummary,
    /// Its DER.
    pub der: Vec<u8>,
}

/// A certificate's page.
#[derive(Clone, Debug)]
pub struct CertificateView {
    /// The certificate.
    pub file: CertificateFile,
    /// What it says.
    pub decoded: Decoded,
    /// Its revocation, if it is revoked.
    pub revocation: Option<Revocation>,
    /// What happened, newest first.
    pub events: Vec<RecordedEvent>,
}

/// The certificate with this id. The server's own certificates have no page.
///
/// # Errors
/// As [`certificate_file`].
pub async fn certificate(app: &App, id: &str) -> Result<CertificateView> {
    let file = certificate_file(app, id).await?;
    let row = &file.summary.certificate;
    let revocation = revocation::of(app.store.reader(), &row.issuer_id, &row.serial).await?;
    Ok(CertificateView {
        decoded: Decoded::from_der(&file.der)?,
        file,
        revocation,
        events: history::about(app, ObjectKind::Certificate, id).await?,
    })
}

/// A certificate of a phone as it is on record.
#[derive(Clone, Debug)]
pub struct CertificateRecord {
    /// Which, and whose.
    pub summary: CertificateSummary,
    /// The certificate, DER; none until it is signed.
    pub der: Option<Vec<u8>>,
    /// When and why it was revoked.
    pub revocation: Option<Revocation>,
}

/// The record of the certificate with this id, signed or not.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn certificate_record(app: &App, id: &str) -> Result<CertificateRecord> {
    let on = app.store.reader();
    let summary = summary(app, id).await?;
    let row = &summary.certificate;
    let revocation = revocation::of(on, &row.issuer_id, &row.serial).await?;
    Ok(CertificateRecord {
        der: certificate::der(on, id).await?,
        revocation,
        summary,
    })
}

/// The file of the certificate with this id.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is not signed yet.
pub async fn certificate_file(app: &App, id: &str) -> Result<CertificateFile> {
    let summary = summary(app, id).await?;
    let der = certificate::der(app.store.reader(), id)
        .await?
        .ok_or_else(|| Error::from(Conflict::NotSigned))?;
    Ok(CertificateFile { summary, der })
}

/// A certificate that somebody is about to revoke.
#[derive(Clone, Debug)]
pub struct CertificateToRevoke {
    /// Which certificate, and whose.
    pub summary: CertificateSummary,
    /// How many other valid certificates its phone has.
    pub others: usize,
    /// What else of its holder's can end with it.
    pub rest: Rest,
}

/// The certificate with this id, and what its phone would keep.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is revoked already.
pub async fn certificate_to_revoke(app: &App, id: &str) -> Result<CertificateToRevoke> {
    let summary = summary(app, id).await?;
    if summary.certificate.state == CertificateState::Revoked {
        return Err(Conflict::CertificateRevoked.into());
    }
    let now = app.clock.now();
    let phone_id = summary.certificate.phone_id.as_deref().unwrap_or_default();
    let others = certificate::of_phone(app.store.reader(), phone_id)
        .await?
        .iter()
        .filter(|other| other.id != id && other.is_valid_at(now))
        .count();
    let phone = phone::by_id(app.store.reader(), phone_id).await?;
    let phone = phone.ok_or(Error::NotFound(Object::Phone))?;
    Ok(CertificateToRevoke {
        rest: rest_of_holder(app, &phone).await?,
        summary,
        others,
    })
}

async fn summary(app: &App, id: &str) -> Result<CertificateSummary> {
    certificate::summary(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound(Object::Certificate))
}
