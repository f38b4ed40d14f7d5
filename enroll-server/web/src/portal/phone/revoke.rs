//! Revoking a phone: all of its certificates.

use askama::Template;

use enroll_server_model::{Actor, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, PhoneToRevoke};
use enroll_server_service::revocation::{self as service, Subject};

use crate::portal::notice::Notice;
use crate::portal::revocation::{AlsoChoice, Chosen, ReasonForm, Revocable, ending};
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
            consequence: words.revoke_phone_consequence(asked.unrevoked),
        }
    }

    fn verb(words: Words) -> Text {
        words.phone_revoke()
    }

    fn also(words: Words, asked: &PhoneToRevoke, now: Timestamp) -> Vec<AlsoChoice> {
        AlsoChoice::of(words, &asked.rest, true, now)
    }

    async fn revoke(app: &App, id: &str, chosen: Chosen, actor: &Actor) -> Result<Notice> {
        let ending = ending(Subject::Phone(id.to_owned()), chosen);
        let ended = service::end(app, ending, actor).await?;
        Ok(Notice::PhoneRevoked {
            certificates: ended.certificates,
            phones: ended.phones,
            invitations: ended.invitations,
            phones_left: ended.phones_left,
            invitations_left: ended.invitations_left,
        })
    }
}
