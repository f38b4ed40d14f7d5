//! What happened, for the pages about one object and for the overview.

use enroll_server_model::event_detail::{HeldCertificate, RevokedCertificate};
use enroll_server_model::{ActorKind, Event, EventKind, ObjectKind};
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

/// Whether an event is a step of a deed that has an event of its own, or the server's routine.
fn is_part_of_another(event: &RecordedEvent, all: &[EventSummary]) -> bool {
    let of_same_time = || {
        let others = all.iter().map(|other| &other.event);
        others.filter(|other| other.at == event.at && other.sequence != event.sequence)
    };
    let with = |is_whole: &dyn Fn(&RecordedEvent, Event) -> bool| {
        of_same_time().any(|other| is_whole(other, other.event()))
    };
    let id = &event.object_id;
    match event.event() {
        Event::CertificateReserved(_)
        | Event::CertificateIssued(_)
        | Event::InvitationUsed(_)
        | Event::CrlPublished(_)
        | Event::SetupLinkCreated(_) => true,
        // By a card that was enrolled again.
        Event::CertificateRevoked(_) if event.actor_kind == ActorKind::Invitation => true,
        Event::CertificateRevoked(RevokedCertificate { certificate, .. })
        | Event::CertificateSuspended(HeldCertificate { certificate })
        | Event::CertificateResumed(HeldCertificate { certificate }) => {
            let phone = certificate.phone.as_ref();
            with(&|other, whole| {
                matches!(
                    (event.kind, whole),
                    (EventKind::CertificateRevoked, Event::PhoneRevoked(_))
                        | (EventKind::CertificateSuspended, Event::PhoneSuspended(_))
                        | (EventKind::CertificateResumed, Event::PhoneResumed(_)) // Earlier versions did not write which phone it is on.
                ) && phone.is_none_or(|phone| *phone == other.object_id)
            })
        }
        Event::InvitationCancelled(_) => with(&|_, whole| match whole {
            Event::PhoneRevoked(revoked) => revoked.invitations.contains(id),
            Event::HolderRemoved(removed) => removed.invitations.contains(id),
            Event::HolderLetGo(gone) => gone.invitations.contains(id),
            _ => false,
        }),
        Event::PhoneRevoked(_) => {
            with(&|_, whole| matches!(whole, Event::HolderLetGo(gone) if gone.phones.contains(id)))
        }
        Event::PhoneSuspended(_) => with(
            &|_, whole| matches!(whole, Event::HolderSuspended(held) if held.phones.contains(id)),
        ),
        Event::PhoneResumed(_) => with(
            &|_, whole| matches!(whole, Event::HolderResumed(resumed) if resumed.phones.contains(id)),
        ),
        Event::HolderCreated(_) => {
            with(&|_, whole| matches!(whole, Event::InvitationCreated(sent) if sent.holder == *id))
        }
        Event::AuthorityCreated(_)
        | Event::AdministratorCreated(_)
        | Event::AdministratorPasswordSet(_)
        | Event::AdministratorRemoved(_)
        | Event::AdministratorUnlocked(_)
        | Event::ColleagueInvited(_)
        | Event::PasswordLinkCreated(_)
        | Event::PasswordChosen(_)
        | Event::RoleChanged(_)
        | Event::ColleagueDisabled(_)
        | Event::ColleagueEnabled(_)
        | Event::OwnNameChanged(_)
        | Event::OwnPasswordChanged(_)
        | Event::OtherSessionsEnded(_)
        | Event::SignIn(_)
        | Event::SignInRefused(_)
        | Event::SignOut(_)
        | Event::InvitationCreated(_)
        | Event::HolderEdited(_)
        | Event::HolderRemoved(_)
        | Event::HolderSuspended(_)
        | Event::HolderResumed(_)
        | Event::HolderTakenBack(_)
        | Event::HolderLetGo(_)
        | Event::PhoneEnrolled(_)
        | Event::IssuanceAbandoned(_)
        | Event::ClockAccepted(_)
        | Event::CrlTakenOver(_) => false,
    }
}
