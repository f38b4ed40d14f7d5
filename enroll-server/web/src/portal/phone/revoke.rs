//! Revoking a phone: all of its certificates.

use askama::Template;

use enroll_server_model::{Actor, RevocationReason};
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, PhoneToRevoke};
use enroll_server_service::{App, revocation as service};

use crate::portal::notice::Notice;
use crate::portal::revocation::{ReasonForm, Revocable};
use crate::portal::view::{Section, Shell};
use crate::words::{Text, Words};

/// A phone as something that can be revoked.
pub struct Phone;

#[derive(Template)]
#[template(path = "phones/revoke.html")]
struct RevokePage<'a> {
    words: Words,
    shell: Shell,
    form: ReasonForm,
    name: &'a str,
    holder: &'a str,
    consequence: Text,
}

impl Revocable for Phone {
    const SECTION: Section = Section::Phones;
    const PATH: &'static str = "/phones";

    type Question = PhoneToRevoke;

    async fn read(app: &App, id: &str) -> Result<PhoneToRevoke> {
        query::phone_to_revoke(app, id).await
    }

    fn page(words: Words, shell: Shell, form: ReasonForm, asked: &PhoneToRevoke) -> impl Template {
        RevokePage {
            words,
            shell,
            form,
            name: &asked.phone.phone.name,
            holder: &asked.phone.holder_name,
            consequence: words.revoke_phone_consequence(asked.valid),
        }
    }

    fn verb(words: Words) -> Text {
        words.phone_revoke()
    }

    async fn revoke(
        app: &App,
        id: &str,
        reason: RevocationReason,
        actor: &Actor,
    ) -> Result<Notice> {
        let certificates = service::revoke_phone(app, id, reason, actor).await?;
        Ok(Notice::PhoneRevoked { certificates })
    }
}
