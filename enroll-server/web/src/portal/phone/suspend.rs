//! Suspending a phone, and resuming it.

use enroll_server_model::{Actor, PhoneState};
use enroll_server_service::error::Result;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::suspension::{self, Terms};
use enroll_server_service::{App, query};

use super::revoke::Phone;
use crate::portal::notice::Notice;
use crate::portal::suspension::{Question, Suspendable};
use crate::portal::view::Section;
use crate::words::Words;

impl Suspendable for Phone {
    const SECTION: Section = Section::Phones;
    const PATH: &'static str = "/phones";

    async fn read(app: &App, words: Words, id: &str) -> Result<Question> {
        let found = query::phone(app, id).await?;
        if found.phone.phone.state == PhoneState::Revoked {
            return Err(Conflict::PhoneRevoked.into());
        }
        if found.suspension.is_some() {
            return Err(Conflict::PhoneSuspended.into());
        }
        let name = found.phone.phone.name;
        Ok(Question {
            section: words.phones_title(),
            title: words.suspend_phone_title(&name),
            heading: words.suspend_phone_heading(&name, &found.phone.holder_name),
            consequences: vec![
                words.suspend_phone_certificates(found.valid),
                words.suspend_at_once(),
                words.suspend_phone_undo(),
                words.suspend_caution(),
            ],
            verb: words.suspend_phone_submit(),
            name,
        })
    }

    async fn suspend(app: &App, id: &str, terms: Terms, actor: &Actor) -> Result<Notice> {
        let certificates = suspension::suspend_phone(app, id, terms, actor).await?;
        Ok(Notice::PhoneSuspended { certificates })
    }

    async fn resume(app: &App, id: &str, actor: &Actor) -> Result<Notice> {
        let resumed = suspension::resume_phone(app, id, actor).await?;
        Ok(Notice::PhoneResumed {
            certificates: resumed.certificates,
            still_suspended: resumed.still_suspended,
        })
    }
}
