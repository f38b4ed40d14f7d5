//! One certificate, decoded.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use sha2::{Digest, Sha256};

use enroll_server_model::{CertificateState, Slot, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, CaCertificate, CertificateSummary, Revocation};

use super::decoded::Decoded;
use super::files;
use crate::portal::guard::SignedIn;
use crate::portal::history::EventLine;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag, fingerprint, serial};
use crate::words::{Text, Words};

struct RevokedAt {
    label: Text,
    at: Moment,
    reason: Text,
}

struct ChainLink {
    name: Text,
    until: Moment,
    current: bool,
}

#[derive(Template)]
#[template(path = "certificates/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    purpose: Text,
    tag: Tag,
    sentence: Text,
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
    events: Vec<EventLine>,
}

/// Whose it is, what for, by whom, and whether it is good: in one sentence.
fn sentence(
    words: Words,
    found: &CertificateSummary,
    issuer: &str,
    revoked: Option<&Revocation>,
    now: Timestamp,
) -> Text {
    let certificate = &found.certificate;
    let holder = &found.holder_name;
    let purpose = label::purpose_inline(words, certificate.slot);
    let until = Moment::new(words, certificate.not_after, now).relative();
    match revoked {
        Some(revocation) if !revocation.reason.is_final() && certificate.not_after >= now => {
            let since = Moment::new(words, revocation.revoked_at, now).relative();
            words.certificate_suspended(holder, &purpose, issuer, &since)
        }
        Some(revocation) if revocation.reason.is_final() => {
            let since = Moment::new(words, revocation.revoked_at, now).relative();
            words.certificate_revoked(holder, &purpose, issuer, &since)
        }
        _ if certificate.not_after < now => {
            words.certificate_expired(holder, &purpose, issuer, &until)
        }
        _ => words.certificate_valid(holder, &purpose, issuer, &until),
    }
}

/// Who issued it.
fn issuer_name<'a>(app: &'a App, found: &CertificateSummary) -> &'a str {
    let issuers = app.issuers(&found.certificate.issuer_id);
    issuers.first().map_or("", |issuer| issuer.name.as_str())
}

/// From the root to the certificate.
fn chain(
    app: &App,
    words: Words,
    found: &CertificateSummary,
    purpose: &str,
    now: Timestamp,
) -> Vec<ChainLink> {
    let authority = |authority: &CaCertificate| ChainLink {
        name: authority.name.clone().into(),
        until: Moment::new(words, authority.not_after, now),
        current: false,
    };
    let issuers = app.issuers(&found.certificate.issuer_id);
    let mut chain: Vec<_> = issuers.into_iter().rev().map(authority).collect();
    chain.push(ChainLink {
        name: words.certificate_chain_this(&found.holder_name, purpose),
        until: Moment::new(words, found.certificate.not_after, now),
        current: true,
    });
    chain
}

/// `GET /certificates/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let view = query::certificate(&app, &id).await?;
    let (found, der) = (&view.file.summary, &view.file.der);
    let certificate = &found.certificate;
    let purpose = label::purpose(words, certificate.slot);
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Certificates),
        id: &certificate.id,
        purpose: purpose.clone(),
        tag: label::certificate_tag(words, certificate, now),
        sentence: sentence(
            words,
            found,
            issuer_name(&app, found),
            view.revocation.as_ref(),
            now,
        ),
        can_revoke: matches!(
            certificate.state,
            CertificateState::Issued | CertificateState::Suspended
        ) && certificate.not_after >= now,
        holder: &found.holder_name,
        holder_href: format!(
            "/holders/{}",
            certificate.holder_id.as_deref().unwrap_or_default()
        ),
        phone_name: &found.phone_name,
        phone_href: &format!(
            "/phones/{}",
            certificate.phone_id.as_deref().unwrap_or_default()
        ),
        slot: certificate.slot.map_or("", Slot::as_str),
        decoded: Decoded::new(words, certificate, &view.decoded),
        from: Moment::new(words, certificate.not_before, now),
        until: Moment::new(words, certificate.not_after, now),
        revoked: view.revocation.as_ref().map(|revocation| RevokedAt {
            label: if revocation.reason.is_final() {
                words.label_revoked()
            } else {
                words.label_suspended()
            },
            at: Moment::new(words, revocation.revoked_at, now),
            reason: label::reason(words, revocation.reason).name,
        }),
        serial: serial(&certificate.serial),
        fingerprint: fingerprint(&Sha256::digest(der)),
        pem: files::pem_text(der)?,
        chain: chain(&app, words, found, &purpose, now),
        events: EventLine::at_home(words, &view.events, now),
    })
}
