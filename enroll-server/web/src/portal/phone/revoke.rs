//! Revoking a phone: all of its certificates.

use askama::Template;

use enroll_server_model::{Actor, RevocationReason, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, PhoneToRevoke};
use enroll_server_service::revocation::{self as service, Ending};

use crate::portal::notice::Notice;
use crate::portal::revocation::{Also, AlsoChoice, ReasonForm, Revocable};
use crate::portal::view::{Moment, Section, Shell};
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

    fn also(words: Words, asked: &PhoneToRevoke, now: Timestamp) -> Vec<AlsoChoice> {
        let relative = |at| Moment::new(words, at, now).relative();
        let invitations = asked.invitations.iter().map(|one| AlsoChoice {
            also: Also::Invitation(one.id.clone()),
            name: words.revoke_also_invitation(relative(one.created)),
            note: words.revoke_also_invitation_note(&one.created_by, relative(one.expires)),
            chosen: true,
        });
        let phones = asked.others.iter().map(|one| AlsoChoice {
            also: Also::Phone(one.id.clone()),
            name: words.revoke_also_phone(&one.name),
            note: words.revoke_also_phone_note(relative(one.created)),
            chosen: true,
        });
        invitations.chain(phones).collect()
    }

    async fn revoke(
        app: &App,
        id: &str,
        reason: RevocationReason,
        also: Vec<Also>,
        actor: &Actor,
    ) -> Result<Notice> {
        let mut ending = Ending {
            phone: id.to_owned(),
            phones: Vec::new(),
            invitations: Vec::new(),
            reason,
        };
        for one in also {
            match one {
                Also::Phone(id) => ending.phones.push(id),
                Also::Invitation(id) => ending.invitations.push(id),
            }
        }
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
