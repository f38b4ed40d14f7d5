//! What happened, for the pages about one object and for the overview.

use enroll_server_model::{ActorKind, EventKind, ObjectKind};
use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::listing::{self, EventSummary};

use crate::app::App;
use crate::error::Result;

/// Events that a page about one object shows.
const ABOUT_ONE: i64 = 20;
/// Events of a holder, with all steps of each deed, that a holder's page shows.
const OF_HOLDER: i64 = 200;
/// Latest events that the overview shows.
const LATEST: usize = 8;
/// Events among which those are looked for; refused sign-ins are not among them.
const LOOKED_AT: i64 = 100;

/// What happened to one object, newest first.
pub(super) async fn about(app: &App, kind: ObjectKind, id: &str) -> Result<Vec<RecordedEvent>> {
    Ok(audit::about(app.store.reader(), kind, id, ABOUT_ONE).await?)
}

/// What happened to a holder and all that is theirs, newest first, one line for one deed.
pub(super) async fn of_holder(app: &App, id: &str) -> Result<Vec<EventSummary>> {
    let found = listing::events_of_holder(app.store.reader(), id, OF_HOLDER).await?;
    let deeds = found
        .iter()
        .filter(|one| !is_part_of_another(&one.event, &found));
    Ok(deeds.cloned().collect())
}

/// The latest events that say something about people and phones, newest first. Refused sign-ins are counted instead: a
/// stranger can make any number of them.
pub(super) async fn latest(app: &App) -> Result<Vec<EventSummary>> {
    let found = listing::events_but_refused(app.store.reader(), LOOKED_AT).await?;
    let latest = found
        .iter()
        .filter(|one| !is_part_of_another(&one.event, &found))
        .take(LATEST);
    Ok(latest.cloned().collect())
}

/// Whether an event is a step of an action that has an event of its own, or the server's routine.
fn is_part_of_another(event: &RecordedEvent, all: &[EventSummary]) -> bool {
    let together_with = |kind: EventKind| {
        all.iter()
            .any(|other| other.event.kind == kind && other.event.at == event.at)
    };
    match event.kind {
        EventKind::CertificateReserved
        | EventKind::CertificateIssued
        | EventKind::InvitationUsed
        | EventKind::CrlPublished
        | EventKind::SetupLinkCreated => true,
        // By a card that was enrolled again.
        EventKind::CertificateRevoked if event.actor_kind == ActorKind::Invitation => true,
        EventKind::CertificateRevoked => together_with(EventKind::PhoneRevoked),
        EventKind::CertificateSuspended => {
            together_with(EventKind::PhoneSuspended) || together_with(EventKind::HolderSuspended)
        }
        EventKind::CertificateResumed => {
            together_with(EventKind::PhoneResumed) || together_with(EventKind::HolderResumed)
        }
        EventKind::InvitationCancelled => {
            together_with(EventKind::PhoneRevoked)
                || together_with(EventKind::HolderRemoved)
                || together_with(EventKind::HolderLetGo)
        }
        EventKind::PhoneRevoked => together_with(EventKind::HolderLetGo),
        EventKind::HolderCreated => together_with(EventKind::InvitationCreated),
        EventKind::AuthorityCreated
        | EventKind::AdministratorCreated
        | EventKind::AdministratorPasswordSet
        | EventKind::AdministratorRemoved
        | EventKind::AdministratorUnlocked
        | EventKind::SignIn
        | EventKind::SignInRefused
        | EventKind::SignOut
        | EventKind::InvitationCreated
        | EventKind::HolderEdited
        | EventKind::HolderRemoved
        | EventKind::HolderSuspended
        | EventKind::HolderResumed
        | EventKind::HolderLetGo
        | EventKind::PhoneEnrolled
        | EventKind::PhoneSuspended
        | EventKind::PhoneResumed
        | EventKind::IssuanceAbandoned
        | EventKind::ClockAccepted
        | EventKind::CrlTakenOver => false,
    }
}
