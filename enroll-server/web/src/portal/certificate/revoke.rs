//! Revoking one certificate.

use askama::Template;

use enroll_server_model::{Actor, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, CertificateToRevoke};
use enroll_server_service::revocation::{self as service, Subject};

use crate::portal::label;
use crate::portal::notice::Notice;
use crate::portal::revocation::{AlsoChoice, Chosen, ReasonForm, Revocable, ending};
use crate::portal::view::{Section, Shell};
use crate::words::{Markup, Text, Words};

/// A certificate as something that can be revoked.
pub struct Certificate;

#[derive(Template)]
#[template(path = "certificates/revoke.html")]
struct RevokePage<'a> {
    words: Words,
    shell: Shell,
    form: ReasonForm,
    purpose: Text,
    holder: &'a str,
    phone_name: &'a str,
    phone_href: String,
    consequence: Text,
    remaining: Text,
    whole_phone: Markup,
}

impl Revocable for Certificate {
    const SECTION: Section = Section::Certificates;
    const PATH: &'static str = "/certificates";

    type Question = CertificateToRevoke;

    async fn read(app: &App, id: &str) -> Result<CertificateToRevoke> {
        query::certificate_to_revoke(app, id).await
    }

    fn page(
        words: Words,
        shell: Shell,
        form: ReasonForm,
        asked: &CertificateToRevoke,
    ) -> impl Template {
        let summary = &asked.summary;
        let certificate = &summary.certificate;
        let slot = certificate.slot;
        let phone = certificate.phone_id.as_deref().unwrap_or_default();
        RevokePage {
            words,
            shell,
            form,
            purpose: label::purpose(words, slot),
            holder: &summary.holder_name,
            phone_name: &summary.phone_name,
            phone_href: format!("/phones/{phone}"),
            consequence: label::what_stops(words, slot, &summary.holder_name),
            remaining: words.revoke_certificate_remaining(asked.others),
            whole_phone: Markup::link(
                &format!("/phones/{phone}/revoke"),
                &words.revoke_certificate_whole_phone(),
            ),
        }
    }

    fn verb(words: Words) -> Text {
        words.certificate_revoke()
    }

    /// It all stays unless somebody wants it to end: a certificate that was replaced is no reason.
    fn also(words: Words, asked: &CertificateToRevoke, now: Timestamp) -> Vec<AlsoChoice> {
        AlsoChoice::of(words, &asked.rest, false, now)
    }

    async fn revoke(app: &App, id: &str, chosen: Chosen, actor: &Actor) -> Result<Notice> {
        let ending = ending(Subject::Certificate(id.to_owned()), chosen);
        let ended = service::end(app, ending, actor).await?;
        Ok(Notice::CertificateRevoked {
            phones: ended.phones,
            invitations: ended.invitations,
            invitations_left: ended.invitations_left,
        })
    }
}
