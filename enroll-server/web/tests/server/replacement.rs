//! One phone takes the place of another: what becomes of the old one, and when.

use std::time::Duration;

use enroll_server_model::{
    EventKind, HolderState, InvitationState, PhoneState, RevocationReason, SeededPolicy,
};
use enroll_server_service::admission::invitation::{self, Invited};
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::admission::replace::replace;
use enroll_server_service::admission::replaced::{Departure, Replacing};
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::{Error, Result};
use enroll_server_service::query::{self, PhoneView};
use enroll_server_service::refusal::{Conflict, Object};
use enroll_server_service::suspension::{suspend_holder, suspend_phone};
use enroll_server_store::revocation;

use crate::client::Phone;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::same_card::{refuse_to_store, store_again};

on_both! {
    a_lost_phone_is_revoked_and_its_holder_invited_in_one_act,
    a_phone_in_use_ends_when_the_new_one_is_enrolled,
    nothing_changes_if_nobody_comes,
    an_enrollment_that_fails_leaves_the_old_phone_in_use,
    the_same_card_takes_its_own_place,
    what_was_revoked_meanwhile_stays_as_it_was,
    who_is_suspended_or_gone_gets_no_other_phone,
    two_who_replace_a_phone_at_once_leave_one_invitation,
    a_phone_is_replaced_by_one_phone,
    a_phone_that_came_back_is_not_revoked_by_an_invitation_of_before,
    a_phone_that_takes_the_place_late_leaves_no_invitation_open,
}

const LOST: Departure = Departure::AtOnce(RevocationReason::KeyCompromise);

async fn begin(fixture: &Fixture, phone: &str, departure: Departure) -> Result<Invited> {
    let old = Replacing {
        phone: phone.to_owned(),
        departure,
    };
    replace(fixture.app(), old, ByMail::No, &administrator()).await
}

async fn enroll(fixture: &Fixture, invited: &Invited) -> Result<Enrolled> {
    let phone = Phone::new(SeededPolicy::Compact);
    phone.enroll(fixture.app(), invited.token.reveal()).await
}

async fn view(fixture: &Fixture, phone: &str) -> PhoneView {
    query::phone(fixture.app(), phone).await.unwrap()
}

async fn state(fixture: &Fixture, phone: &str) -> PhoneState {
    view(fixture, phone).await.phone.phone.state
}

/// Why the certificates of a phone are revoked; none for each that is not.
async fn reasons(fixture: &Fixture, phone: &str) -> Vec<Option<RevocationReason>> {
    let mut reasons = Vec::new();
    for row in fixture.certificates(phone).await {
        let found = revocation::of(fixture.store.reader(), &row.issuer_id, &row.serial).await;
        reasons.push(found.unwrap().map(|found| found.reason));
    }
    reasons
}

async fn count(fixture: &Fixture, kind: EventKind) -> usize {
    let kinds = fixture.event_kinds().await;
    kinds.iter().filter(|found| **found == kind).count()
}

async fn a_lost_phone_is_revoked_and_its_holder_invited_in_one_act(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    fixture.wait(Duration::from_secs(60));
    let invited = begin(&fixture, &old, LOST).await.unwrap();
    let compromised = Some(RevocationReason::KeyCompromise);
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
    assert_eq!(reasons(&fixture, &old).await, [compromised; 4]);
    assert_eq!(invited.holder.name, "Alice Example");
    assert_eq!(invited.invitation.policy, SeededPolicy::Compact.into());
    assert_eq!(invited.invitation.replaces.as_ref(), Some(&old));
    let by = view(&fixture, &old).await.replaced_by.unwrap();
    assert_eq!(by.invitation.id, invited.invitation.id);
    assert!(by.phone.is_none());

    fixture.wait(Duration::from_secs(60));
    let new = enroll(&fixture, &invited).await.unwrap().phone_id;
    let by = view(&fixture, &old).await.replaced_by.unwrap();
    assert_eq!(by.phone.unwrap().id, new);
    assert_eq!(view(&fixture, &new).await.replaces.unwrap().id, old);
    // Once is enough.
    assert_eq!(reasons(&fixture, &old).await, [compromised; 4]);
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 1);

    // One line for each deed.
    let holder = query::holder(fixture.app(), &invited.holder.id)
        .await
        .unwrap();
    let lines: Vec<_> = holder.events.iter().map(|one| one.event.kind).collect();
    use EventKind::{InvitationCreated, PhoneEnrolled};
    assert_eq!(
        lines,
        [
            PhoneEnrolled,
            InvitationCreated,
            PhoneEnrolled,
            InvitationCreated
        ]
    );
    let again = begin(&fixture, &old, LOST).await;
    assert!(matches!(
        again,
        Err(Error::Conflict(Conflict::PhoneRevoked))
    ));
    let unknown = begin(&fixture, "no such id", LOST).await;
    assert!(matches!(unknown, Err(Error::NotFound(Object::Phone))));
}

async fn a_phone_in_use_ends_when_the_new_one_is_enrolled(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    fixture.wait(Duration::from_secs(60));
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Active);
    assert_eq!(reasons(&fixture, &old).await, [None; 4]);
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 0);

    fixture.wait(Duration::from_secs(60));
    let phone = Phone::new(SeededPolicy::Compact);
    let token = invited.token.reveal();
    let new = phone.enroll(fixture.app(), token).await.unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
    let superseded = Some(RevocationReason::Superseded);
    assert_eq!(reasons(&fixture, &old).await, [superseded; 4]);
    assert_eq!(state(&fixture, &new.phone_id).await, PhoneState::Active);
    // The request that did it may be repeated, and nobody else's comes in.
    let again = phone.enroll(fixture.app(), token).await.unwrap();
    assert_eq!(again.phone_id, new.phone_id);
    let other = enroll(&fixture, &invited).await;
    assert!(matches!(other, Err(Error::InvitationUsed)), "{other:?}");
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 1);
    let holder = query::holder(fixture.app(), &invited.holder.id)
        .await
        .unwrap();
    let lines = holder.events.iter().filter(|one| {
        let kind = one.event.kind;
        matches!(
            kind,
            EventKind::PhoneRevoked | EventKind::CertificateRevoked
        )
    });
    assert_eq!(lines.count(), 0, "part of the enrollment");
}

async fn nothing_changes_if_nobody_comes(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    invitation::cancel(fixture.app(), &invited.invitation.id, &administrator())
        .await
        .unwrap();
    assert!(view(&fixture, &old).await.replaced_by.is_none());
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    fixture.wait(invitation::LIFETIME);
    let late = enroll(&fixture, &invited).await;
    assert!(matches!(late, Err(Error::InvitationExpired)), "{late:?}");
    assert!(view(&fixture, &old).await.replaced_by.is_none());
    assert_eq!(state(&fixture, &old).await, PhoneState::Active);
    assert_eq!(reasons(&fixture, &old).await, [None; 4]);
}

async fn an_enrollment_that_fails_leaves_the_old_phone_in_use(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    let phone = Phone::new(SeededPolicy::Compact);
    let token = invited.token.reveal();
    refuse_to_store(&fixture).await;
    assert!(phone.enroll(fixture.app(), token).await.is_err());
    store_again(&fixture).await;
    assert_eq!(state(&fixture, &old).await, PhoneState::Active);
    assert_eq!(reasons(&fixture, &old).await, [None; 4]);
    // The phone asks again.
    fixture.wait(Duration::from_secs(60));
    phone.enroll(fixture.app(), token).await.unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
}

async fn the_same_card_takes_its_own_place(fixture: Fixture) {
    for departure in [Departure::OnceReplaced, LOST] {
        let card = Phone::new(SeededPolicy::Compact);
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let token = invited.token.reveal();
        let id = card.enroll(fixture.app(), token).await.unwrap().phone_id;
        let invited = begin(&fixture, &id, departure).await.unwrap();
        let again = Phone {
            guid: card.guid,
            ..Phone::new(SeededPolicy::Compact)
        };
        let token = invited.token.reveal();
        let enrolled = again.enroll(fixture.app(), token).await.unwrap();
        assert_eq!(enrolled.phone_id, id);
        let found = view(&fixture, &id).await;
        assert_eq!(found.phone.phone.state, PhoneState::Active);
        assert_eq!(found.valid, 4);
        assert!(found.replaces.is_none() && found.replaced_by.is_none());
    }
}

async fn what_was_revoked_meanwhile_stays_as_it_was(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    fixture.revoke(&old).await;
    enroll(&fixture, &invited).await.unwrap();
    let unspecified = Some(RevocationReason::Unspecified);
    assert_eq!(reasons(&fixture, &old).await, [unspecified; 4]);
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 1);

    // A phone that its holder has reported lost is suspended: it ends too.
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    suspend_phone(fixture.app(), &old, String::new(), &administrator())
        .await
        .unwrap();
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    enroll(&fixture, &invited).await.unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
    assert!(view(&fixture, &old).await.suspension.is_none());
    let superseded = Some(RevocationReason::Superseded);
    assert_eq!(reasons(&fixture, &old).await, [superseded; 4]);
}

async fn who_is_suspended_or_gone_gets_no_other_phone(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let invited = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    let holder = invited.holder.id.clone();
    suspend_holder(fixture.app(), &holder, String::new(), &administrator())
        .await
        .unwrap();
    let refused = enroll(&fixture, &invited).await;
    let conflict = Conflict::HolderSuspended;
    assert!(matches!(refused, Err(Error::Conflict(of)) if of == conflict));
    let refused = begin(&fixture, &old, LOST).await;
    assert!(matches!(
        refused,
        Err(Error::Conflict(Conflict::HolderSuspended))
    ));
    assert_eq!(state(&fixture, &old).await, PhoneState::Suspended);
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 0);
    enroll_server_service::holder::let_go(
        fixture.app(),
        &holder,
        RevocationReason::PrivilegeWithdrawn,
        String::new(),
        &administrator(),
    )
    .await
    .unwrap();
    let refused = begin(&fixture, &old, LOST).await;
    assert!(matches!(
        refused,
        Err(Error::Conflict(Conflict::HolderGone))
    ));
    let refused = enroll(&fixture, &invited).await;
    assert!(
        matches!(refused, Err(Error::InvitationCancelled)),
        "{refused:?}"
    );
    let found = query::holder(fixture.app(), &holder).await.unwrap();
    assert_eq!(found.holder.state, HolderState::Gone);
}

async fn two_who_replace_a_phone_at_once_leave_one_invitation(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let mut tasks = Vec::new();
    for departure in [LOST, LOST, Departure::OnceReplaced, Departure::OnceReplaced] {
        let (app, phone) = (fixture.app().clone(), old.clone());
        let replacing = Replacing { phone, departure };
        tasks.push(tokio::spawn(async move {
            replace(&app, replacing, ByMail::No, &administrator()).await
        }));
    }
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) | Err(Error::Conflict(Conflict::PhoneRevoked)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
    let holder = view(&fixture, &old).await.phone.phone.holder_id;
    let found = query::holder(fixture.app(), &holder).await.unwrap();
    let now = fixture.app().clock.now();
    let open = found
        .invitations
        .iter()
        .filter(|one| one.state_at(now) == InvitationState::Pending);
    assert_eq!(open.count(), 1);
    assert_eq!(count(&fixture, EventKind::PhoneRevoked).await, 1);
}

async fn a_phone_is_replaced_by_one_phone(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let first = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    fixture.wait(Duration::from_secs(60));
    // Now it is lost, and somebody may have the first link.
    let second = begin(&fixture, &old, LOST).await.unwrap();
    let refused = enroll(&fixture, &first).await;
    assert!(
        matches!(refused, Err(Error::InvitationCancelled)),
        "{refused:?}"
    );
    let holder = query::holder(fixture.app(), &second.holder.id)
        .await
        .unwrap();
    let cancelled = holder
        .events
        .iter()
        .filter(|one| one.event.kind == EventKind::InvitationCancelled);
    assert_eq!(cancelled.count(), 0, "part of the second");
    // Many phones with one invitation: one of them takes the place.
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let (app, token) = (fixture.app().clone(), second.token.reveal().to_owned());
        tasks.push(tokio::spawn(async move {
            Phone::new(SeededPolicy::Compact).enroll(&app, &token).await
        }));
    }
    let mut enrolled = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => enrolled += 1,
            Err(error) => assert!(matches!(error, Error::InvitationUsed), "{error:?}"),
        }
    }
    assert_eq!(enrolled, 1);
}

async fn a_phone_that_came_back_is_not_revoked_by_an_invitation_of_before(fixture: Fixture) {
    let card = Phone::new(SeededPolicy::Compact);
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let token = invited.token.reveal();
    let old = card.enroll(fixture.app(), token).await.unwrap().phone_id;
    let lost = begin(&fixture, &old, LOST).await.unwrap();
    fixture.wait(Duration::from_secs(60));
    // It is found, and comes back by another invitation.
    let found = Phone {
        guid: card.guid,
        ..Phone::new(SeededPolicy::Compact)
    };
    let another = fixture.invite(SeededPolicy::Compact).await;
    let token = another.token.reveal();
    found.enroll(fixture.app(), token).await.unwrap();
    assert!(view(&fixture, &old).await.replaced_by.is_none());
    fixture.wait(Duration::from_secs(60));
    let new = enroll(&fixture, &lost).await.unwrap().phone_id;
    assert_eq!(state(&fixture, &old).await, PhoneState::Active);
    assert_eq!(view(&fixture, &old).await.valid, 4);
    assert!(view(&fixture, &new).await.replaces.is_none());

    // One that stayed in use is replaced, also where it has other keys by now.
    let promised = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    let again = Phone {
        guid: card.guid,
        ..Phone::new(SeededPolicy::Compact)
    };
    let another = fixture.invite(SeededPolicy::Compact).await;
    let token = another.token.reveal();
    again.enroll(fixture.app(), token).await.unwrap();
    enroll(&fixture, &promised).await.unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
}

async fn a_phone_that_takes_the_place_late_leaves_no_invitation_open(fixture: Fixture) {
    let old = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let first = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    let late = Phone::new(SeededPolicy::Compact);
    let token = first.token.reveal();
    refuse_to_store(&fixture).await;
    assert!(late.enroll(fixture.app(), token).await.is_err());
    store_again(&fixture).await;
    // Nobody has heard of it, and another one is invited.
    let second = begin(&fixture, &old, Departure::OnceReplaced)
        .await
        .unwrap();
    fixture.wait(Duration::from_secs(60));
    late.enroll(fixture.app(), token).await.unwrap();
    assert_eq!(state(&fixture, &old).await, PhoneState::Revoked);
    let refused = enroll(&fixture, &second).await;
    assert!(
        matches!(refused, Err(Error::InvitationCancelled)),
        "{refused:?}"
    );
    assert_eq!(count(&fixture, EventKind::InvitationCancelled).await, 1);
}
