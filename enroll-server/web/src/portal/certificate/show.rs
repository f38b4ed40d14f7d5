//! One certificate, decoded.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use sha2::{Digest, Sha256};

use enroll_server_model::{CertificateState, ObjectKind, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, CaCertificate, CertificateOfPhone, Revocation};

use super::decoded::Decoded;
use super::{der, files};
use crate::portal::guard::SignedIn;
use crate::portal::history::{self, Line};
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::portal::view::{Moment, Section, Shell, Tag, fingerprint, serial};
use crate::portal::words;

struct RevokedAt {
    at: Moment,
    reason: &'static str,
}

struct ChainLink {
    name: String,
    until: Moment,
    current: bool,
}

#[derive(Template)]
#[template(path = "certificates/show.html")]
struct ShowPage<'a> {
    shell: Shell,
    id: &'a str,
    purpose: &'static str,
    tag: Tag,
    sentence: String,
    can_revoke: bool,
    holder: &'a str,
    holder_href: String,
    phone_name: &'a str,
    phone_href: &'a str,
    slot: &'a str,
    decoded: Decoded,
    from: Moment,
    until: Moment,
    revoked: Option<RevokedAt>,
    serial: String,
    fingerprint: String,
    pem: String,
    chain: Vec<ChainLink>,
    events: Vec<Line>,
}

/// Whose it is, what for, by whom, and whether it is good: in one sentence.
fn sentence(
    found: &CertificateOfPhone,
    purpose: &str,
    issuer: &str,
    revoked: Option<&Revocation>,
    now: Timestamp,
) -> String {
    let certificate = &found.certificate;
    let until = Moment::new(certificate.not_after.date_time(), now.date_time()).relative();
    let state = match revoked {
        Some(revocation) => format!(
            "revoked {} and refused since",
            Moment::new(revocation.revoked_at.date_time(), now.date_time()).relative()
        ),
        None if certificate.not_after < now => format!("expired {until}"),
        None => format!("valid: it expires {until}"),
    };
    format!(
        "Issued to {} for {} by {issuer}; {state}.",
        found.holder.name,
        purpose.to_lowercase()
    )
}

/// From the root to the certificate.
fn chain(app: &App, found: &CertificateOfPhone, purpose: &str, now: Timestamp) -> Vec<ChainLink> {
    let authority = |authority: &CaCertificate| ChainLink {
        name: authority.name.clone(),
        until: Moment::new(authority.not_after.date_time(), now.date_time()),
        current: false,
    };
    vec![
        authority(&app.authority.root),
        authority(&app.authority.issuing),
        ChainLink {
            name: format!("{}: {purpose}", found.holder.name),
            until: Moment::new(found.certificate.not_after.date_time(), now.date_time()),
            current: true,
        },
    ]
}

/// `GET /certificates/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let found = query::certificate(&app, &id).await?;
    let der = der(&app, &id).await?;
    let certificate = &found.certificate;
    let decoded =
        Decoded::new(&der, &certificate.algorithm, &certificate.serial).map_err(|error| {
            tracing::error!(%error, "a stored certificate could not be decoded");
            Problem::internal()
        })?;
    let revocation = query::revocation(&app, certificate).await?;
    let slot = certificate.slot.as_deref().unwrap_or_default();
    let purpose = words::slot(slot).purpose;
    page(&ShowPage {
        shell: signed_in.shell(&app, Section::Certificates).await?,
        id: &certificate.id,
        purpose,
        tag: words::certificate_tag(certificate, now),
        sentence: sentence(
            &found,
            purpose,
            &app.authority.issuing.name,
            revocation.as_ref(),
            now,
        ),
        can_revoke: certificate.state == CertificateState::Issued && certificate.not_after >= now,
        holder: &found.holder.name,
        holder_href: format!("/holders/{}", found.holder.id),
        phone_name: &found.phone.name,
        phone_href: &format!("/phones/{}", found.phone.id),
        slot,
        decoded,
        from: Moment::new(certificate.not_before.date_time(), now.date_time()),
        until: Moment::new(certificate.not_after.date_time(), now.date_time()),
        revoked: revocation.map(|revocation| RevokedAt {
            at: Moment::new(revocation.revoked_at.date_time(), now.date_time()),
            reason: words::reason(revocation.reason).name,
        }),
        serial: serial(&certificate.serial),
        fingerprint: fingerprint(&Sha256::digest(&der)),
        pem: files::pem_text(&der)?,
        chain: chain(&app, &found, purpose, now),
        events: history::of(&app, ObjectKind::Certificate, &id).await?,
    })
}
