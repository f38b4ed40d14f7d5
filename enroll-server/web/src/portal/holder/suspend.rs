//! Suspending a holder, and resuming one.

use enroll_server_model::{Actor, HolderState, PhoneState};
use enroll_server_service::error::Result;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::suspension::{self, Terms};
use enroll_server_service::{App, query};

use crate::portal::notice::Notice;
use crate::portal::suspension::{Question, Suspendable};
use crate::portal::view::Section;
use crate::words::Words;

/// A holder as somebody who can be suspended.
pub struct Holder;

impl Suspendable for Holder {
    const SECTION: Section = Section::Holders;
    const PATH: &'static str = "/holders";

    async fn read(app: &App, words: Words, id: &str) -> Result<Question> {
        let found = query::holder(app, id).await?;
        match found.holder.state {
            HolderState::Active => {}
            HolderState::Suspended => return Err(Conflict::HolderSuspended.into()),
            HolderState::Gone => return Err(Conflict::HolderGone.into()),
        }
        let now = app.clock.now();
        let phones = found.phones.iter();
        let active = phones.filter(|phone| phone.state == PhoneState::Active);
        Ok(Question {
            section: words.holders_title(),
            title: words.suspend_holder_title(&found.holder.name),
            heading: words.suspend_holder_title(&found.holder.name),
            consequences: vec![
                words.suspend_holder_phones(active.count()),
                words.suspend_holder_invitations(found.open_invitations(now)),
                words.suspend_at_once(),
                words.suspend_holder_undo(),
                words.suspend_caution(),
            ],
            verb: words.suspend_holder_submit(),
            name: found.holder.name,
        })
    }

    async fn suspend(app: &App, id: &str, terms: Terms, actor: &Actor) -> Result<Notice> {
        let phones = suspension::suspend_holder(app, id, terms, actor).await?;
        let name = query::holder_name(app, id).await?;
        Ok(Notice::HolderSuspended { name, phones })
    }

    async fn resume(app: &App, id: &str, actor: &Actor) -> Result<Notice> {
        let phones = suspension::resume_holder(app, id, actor).await?;
        let name = query::holder_name(app, id).await?;
        Ok(Notice::HolderResumed { name, phones })
    }
}
