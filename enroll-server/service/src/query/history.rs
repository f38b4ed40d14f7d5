//! What happened, for the pages about one object and for the overview.

use std::collections::HashMap;
use std::iter;

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

/// What happened as one deed, with its steps.
#[derive(Clone, Debug)]
pub struct Deed {
    /// What happened.
    pub event: EventSummary,
    /// The events that are part of it, in the order in which they were found.
    pub steps: Vec<EventSummary>,
}

/// Events as deeds: a step stands below the deed that it is part of, if that is among them too, and refused sign-ins that
/// follow each other from one address below the first of them.
pub(super) fn deeds(found: Vec<EventSummary>) -> Vec<Deed> {
    let part_of: HashMap<i64, i64> = found
        .iter()
        .filter_map(|one| Some((one.event.sequence, whole_of(&one.event, &found)?)))
        .collect();
    // A step can be part of a step: a certificate's of a phone's, the phone's of a holder's.
    let whole = |sequence: i64| {
        let above = |sequence: &i64| part_of.get(sequence).copied();
        iter::successors(Some(sequence), above)
            .take(4)
            .last()
            .filter(|whole| *whole != sequence)
    };
    let mut deeds: Vec<Deed> = Vec::with_capacity(found.len());
    let mut steps = Vec::new();
    for one in found {
        match (whole(one.event.sequence), deeds.last_mut()) {
            (Some(whole), _) => steps.push((whole, one)),
            (None, Some(last)) if is_same_refusal(&last.event.event, &one.event) => {
                last.steps.push(one);
            }
            (None, _) => deeds.push(Deed {
                event: one,
                steps: Vec::new(),
            }),
        }
    }
    for (whole, step) in steps {
        if let Some(deed) = deeds
            .iter_mut()
            .find(|deed| deed.event.event.sequence == whole)
        {
            deed.steps.push(step);
        }
    }
    deeds
}

fn is_same_refusal(one: &RecordedEvent, other: &RecordedEvent) -> bool {
    one.kind == EventKind::SignInRefused
        && other.kind == EventKind::SignInRefused
        && one.source == other.source
}

/// Whether an event is a step of a deed that has an event of its own, or the server's routine.
fn is_part_of_another(event: &RecordedEvent, all: &[EventSummary]) -> bool {
    match event.event() {
        Event::CertificateReserved(_)
        | Event::CertificateIssued(_)
        | Event::InvitationUsed(_)
        | Event::CrlPublished(_)
        | Event::SetupLinkCreated(_) => true,
        // By a card that was enrolled again.
        Event::CertificateRevoked(_) if event.actor_kind == ActorKind::Invitation => true,
        _ => whole_of(event, all).is_some(),
    }
}

/// The number of the event, of those that are at hand, of the enrollment that an event is a step of. An invitation enrolls one
/// phone; its certificates are signed some moments later.
fn enrollment_of(event: &RecordedEvent, all: &[EventSummary]) -> Option<i64> {
    let mut others = all.iter().map(|other| &other.event);
    let enrolled = others.find(|other| {
        other.kind == EventKind::PhoneEnrolled
            && event.actor_kind == ActorKind::Invitation
            && other.actor_id == event.actor_id
    });
    enrolled.map(|enrolled| enrolled.sequence)
}

/// The number of the event, of those that are at hand, of the deed that an event is a step of.
fn whole_of(event: &RecordedEvent, all: &[EventSummary]) -> Option<i64> {
    let with = |is_whole: &dyn Fn(&RecordedEvent, Event) -> bool| {
        let others = all.iter().map(|other| &other.event);
        let mut same_time =
            others.filter(|other| other.at == event.at && other.sequence != event.sequence);
        same_time
            .find(|other| is_whole(other, other.event()))
            .map(|whole| whole.sequence)
    };
    let id = &event.object_id;
    match event.event() {
        Event::InvitationUsed(_) | Event::CertificateIssued(_) | Event::CertificateReserved(_) => {
            enrollment_of(event, all)
        }
        // By a card that was enrolled again, or took the place of another.
        Event::CertificateRevoked(_) | Event::PhoneRevoked(_)
            if event.actor_kind == ActorKind::Invitation =>
        {
            enrollment_of(event, all)
        }
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
            Event::InvitationCreated(sent) => {
                sent.replaces.is_some_and(|old| old.cancelled.contains(id))
            }
            _ => false,
        }),
        Event::PhoneRevoked(_) => with(&|_, whole| match whole {
            Event::HolderLetGo(gone) => gone.phones.contains(id),
            Event::InvitationCreated(sent) => sent
                .replaces
                .is_some_and(|old| old.phone == *id && old.reason.is_some()),
            _ => false,
        }),
        Event::PhoneSuspended(_) => with(&|other, whole| match whole {
            Event::HolderSuspended(held) => held.phones.contains(id),
            Event::PhoneReportedLost(_) => other.object_id == *id,
            _ => false,
        }),
        Event::PhoneResumed(_) => with(
            &|_, whole| matches!(whole, Event::HolderResumed(resumed) if resumed.phones.contains(id)),
        ),
        Event::HolderCreated(_) => {
            with(&|_, whole| matches!(whole, Event::InvitationCreated(sent) if sent.holder == *id))
        }
        Event::InvitationCreated(_) => with(
            &|_, whole| matches!(whole, Event::RequestApproved(approved) if approved.invitation == *id),
        ),
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
        | Event::SecondFactorAdded(_)
        | Event::SecondFactorRemoved(_)
        | Event::RecoveryCodesMade(_)
        | Event::RecoveryCodeUsed(_)
        | Event::SecondFactorRefused(_)
        | Event::PasskeyAdded(_)
        | Event::PasskeyRenamed(_)
        | Event::PasskeyRemoved(_)
        | Event::PasskeyCopied(_)
        | Event::SignIn(_)
        | Event::SignInRefused(_)
        | Event::SignOut(_)
        | Event::InvitationMailed(_)
        | Event::InvitationReminded(_)
        | Event::HolderEdited(_)
        | Event::PhoneRenamed(_)
        | Event::RequestMade(_)
        | Event::RequestApprovedOnce(_)
        | Event::RequestApproved(_)
        | Event::RequestRefused(_)
        | Event::RequestWithdrawn(_)
        | Event::RequestExpired(_)
        | Event::RequestClosed(_)
        | Event::PinUnblockingAllowed(_)
        | Event::PinUnblockingWithdrawn(_)
        | Event::PinUnblockingFailed(_)
        | Event::PinUnblocked(_)
        | Event::HolderSignIn(_)
        | Event::HolderRemoved(_)
        | Event::HolderSuspended(_)
        | Event::HolderResumed(_)
        | Event::HolderTakenBack(_)
        | Event::HolderLetGo(_)
        | Event::PhoneEnrolled(_)
        | Event::PhoneReportedLost(_)
        | Event::PhoneWiped(_)
        | Event::RenewalHindered(_)
        | Event::IssuanceAbandoned(_)
        | Event::ClockAccepted(_)
        | Event::ListExported(_)
        | Event::CrlPublished(_)
        | Event::SetupLinkCreated(_)
        | Event::CrlTakenOver(_)
        | Event::WebhookAdded(_)
        | Event::WebhookChanged(_)
        | Event::WebhookDisabled(_)
        | Event::WebhookEnabled(_)
        | Event::WebhookRemoved(_)
        | Event::ApiTokenMade(_)
        | Event::ApiTokenRevoked(_) => None,
    }
}
