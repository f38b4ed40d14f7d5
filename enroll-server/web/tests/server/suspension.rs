//! Suspending phones and people, and letting people go: what relying parties, sshd and phones notice of it.

use std::time::Duration;

use enroll_server_model::clock::Clock;
use enroll_server_model::{
    ActorKind, EventKind, HolderState, ObjectKind, PhoneState, RevocationReason, SeededPolicy,
};
use enroll_server_service::authorized_keys;
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::{Error, Result};
use enroll_server_service::holder::{let_go, remove};
use enroll_server_service::query;
use enroll_server_service::refusal::{Conflict, FieldFlaw};
use enroll_server_service::revocation::{revoke_certificate, revoke_phone};
use enroll_server_service::suspension::{
    Terms, report_lost, resume_due, resume_holder, resume_phone, suspend_holder, suspend_phone,
    take_back,
};
use enroll_server_store::listing::{HolderFilter, HolderSummary};
use enroll_server_store::{phone, revocation, suspension};

use crate::client::Phone;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::people::people;
use crate::relying_party::{Status, entries, ocsp_status, revocation_list};
use crate::row::try_execute;

on_both! {
    a_suspended_phone_is_refused_at_once_and_works_again_when_it_is_resumed,
    resuming_the_one_does_not_lift_what_suspends_the_other,
    what_is_suspended_until_a_day_works_again_on_that_day,
    a_lost_phone_does_not_come_back_on_a_day,
    what_was_suspended_can_be_revoked_and_stays_so,
    a_certificate_that_was_revoked_before_stays_revoked,
    no_invitation_brings_back_what_is_suspended,
    who_was_let_go_has_nothing_left_and_comes_back_by_being_taken_back,
    suspending_twice_and_resuming_what_is_not_suspended_is_refused,
    those_who_suspend_and_revoke_at_once_do_not_block_each_other,
    a_server_of_an_earlier_version_brings_nothing_back,
    certificates_that_ended_are_neither_held_nor_counted,
    who_is_removed_leaves_no_suspension,
    an_enrollment_at_the_same_moment_leaves_no_phone_that_works,
    lists_tell_who_has_no_phone_who_has_two_and_who_is_suspended,
}

/// The number of certificateHold (RFC 5280, section 5.3.1).
const HOLD: Option<u8> = Some(6);

async fn statuses(fixture: &Fixture, phone_id: &str) -> Vec<Status> {
    let mut found = Vec::new();
    for row in fixture.certificates(phone_id).await {
        found.push(ocsp_status(fixture.app(), &row.serial).await);
    }
    found
}

async fn all_are(fixture: &Fixture, phone_id: &str, expected: &Status) {
    let found = statuses(fixture, phone_id).await;
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|one| one == expected), "{found:?}");
}

/// What the CRL says of the certificates of a phone.
async fn listed(fixture: &Fixture, phone_id: &str) -> Vec<Option<u8>> {
    let list = entries(&revocation_list(fixture.app()).await);
    let rows = fixture.certificates(phone_id).await;
    let of = |serial: &String| list.iter().find(|(listed, _)| listed == serial);
    rows.iter()
        .filter_map(|row| of(&row.serial).map(|(_, reason)| *reason))
        .collect()
}

async fn ssh_keys(fixture: &Fixture) -> usize {
    authorized_keys::lines(fixture.app(), "alice")
        .await
        .unwrap()
        .len()
}

async fn phone_state(fixture: &Fixture, id: &str) -> PhoneState {
    let found = phone::by_id(fixture.store.reader(), id).await.unwrap();
    found.unwrap().state
}

async fn holder_of(fixture: &Fixture, enrolled: &Enrolled) -> String {
    let found = phone::by_id(fixture.store.reader(), &enrolled.phone_id).await;
    found.unwrap().unwrap().holder_id
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

async fn a_suspended_phone_is_refused_at_once_and_works_again_when_it_is_resumed(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let id = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    all_are(&fixture, &id, &Status::Good).await;
    assert_eq!(ssh_keys(&fixture).await, 1);
    let before = fixture.clock.now();

    let note = "left in a taxi".to_owned();
    assert_eq!(suspend_phone(app, &id, note, &by).await.unwrap(), 4);
    // The clock has not moved.
    all_are(&fixture, &id, &Status::Revoked(HOLD)).await;
    assert_eq!(listed(&fixture, &id).await, [HOLD; 4]);
    assert_eq!(ssh_keys(&fixture).await, 0);
    assert_eq!(phone_state(&fixture, &id).await, PhoneState::Suspended);
    let shown = query::phone(app, &id).await.unwrap();
    assert_eq!(shown.valid, 0);
    let suspension = shown.suspension.unwrap();
    assert_eq!(suspension.note, "left in a taxi");
    assert_eq!(suspension.suspended_by, by.name);
    assert_eq!(suspension.since, before);

    let resumed = resume_phone(app, &id, &by).await.unwrap();
    assert_eq!((resumed.certificates, resumed.still_suspended), (4, None));
    all_are(&fixture, &id, &Status::Good).await;
    assert_eq!(listed(&fixture, &id).await, []);
    assert_eq!(ssh_keys(&fixture).await, 1);
    assert_eq!(phone_state(&fixture, &id).await, PhoneState::Active);
    let kinds = fixture.event_kinds().await;
    for (kind, count) in [
        (EventKind::PhoneSuspended, 1),
        (EventKind::CertificateSuspended, 4),
        (EventKind::PhoneResumed, 1),
        (EventKind::CertificateResumed, 4),
    ] {
        let found = kinds.iter().filter(|one| **one == kind).count();
        assert_eq!(found, count, "{kind}");
    }
}

async fn resuming_the_one_does_not_lift_what_suspends_the_other(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let other = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let holder = holder_of(&fixture, &enrolled).await;
    let id = enrolled.phone_id;
    suspend_phone(app, &id, String::new(), &by).await.unwrap();
    let with_them = suspend_holder(app, &holder, String::new(), &by).await;
    assert_eq!(with_them.unwrap(), 1, "the other one was active");
    let kinds = fixture.event_kinds().await;
    let of_phones = kinds
        .iter()
        .filter(|one| **one == EventKind::PhoneSuspended);
    assert_eq!(of_phones.count(), 2, "each phone tells it");
    all_are(&fixture, &other, &Status::Revoked(HOLD)).await;

    // The phone first: its holder is suspended still.
    let resumed = resume_phone(app, &id, &by).await.unwrap();
    assert_eq!(resumed.certificates, 0);
    assert_eq!(resumed.still_suspended.as_deref(), Some("Alice Example"));
    all_are(&fixture, &id, &Status::Revoked(HOLD)).await;
    assert_eq!(resume_holder(app, &holder, &by).await.unwrap(), 2);
    all_are(&fixture, &id, &Status::Good).await;

    // The holder first: the phone is suspended by itself.
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();
    suspend_phone(app, &id, String::new(), &by).await.unwrap();
    assert_eq!(resume_holder(app, &holder, &by).await.unwrap(), 1);
    all_are(&fixture, &id, &Status::Revoked(HOLD)).await;
    all_are(&fixture, &other, &Status::Good).await;
    assert_eq!(resume_phone(app, &id, &by).await.unwrap().certificates, 4);
    all_are(&fixture, &id, &Status::Good).await;
}

async fn what_is_suspended_until_a_day_works_again_on_that_day(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let other = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let (holder, id) = (holder_of(&fixture, &enrolled).await, enrolled.phone_id);
    let day = Duration::from_secs(24 * 60 * 60);
    let until = |days: u32| Terms {
        note: String::new(),
        until: Some(fixture.clock.now().plus(day * days)),
    };
    suspend_phone(app, &id, until(3), &by).await.unwrap();
    suspend_phone(app, &other, until(1), &by).await.unwrap();
    suspend_holder(app, &holder, until(2), &by).await.unwrap();
    let mut states = Vec::new();
    for _ in 0..4 {
        resume_due(app).await.unwrap();
        // Once more, as another server may.
        resume_due(app).await.unwrap();
        let held = query::holder(app, &holder).await.unwrap().holder.state;
        states.push((
            phone_state(&fixture, &id).await,
            phone_state(&fixture, &other).await,
            held,
        ));
        fixture.wait(day);
    }
    use PhoneState::{Active, Suspended};
    assert_eq!(
        states,
        [
            (Suspended, Suspended, HolderState::Suspended),
            // Its own has ended, and its holder's has not.
            (Suspended, Suspended, HolderState::Suspended),
            (Suspended, Active, HolderState::Active),
            (Active, Active, HolderState::Active),
        ]
    );
    all_are(&fixture, &id, &Status::Good).await;
    // Whoever suspends it by hand says no day.
    suspend_phone(app, &id, String::new(), &by).await.unwrap();
    fixture.wait(day * 300);
    resume_due(app).await.unwrap();
    assert_eq!(phone_state(&fixture, &id).await, Suspended);
    let events = fixture.events().await;
    let resumed = events
        .iter()
        .filter(|event| event.kind == EventKind::PhoneResumed);
    assert!(
        resumed
            .clone()
            .all(|event| event.actor_kind == ActorKind::System)
    );
    assert_eq!(resumed.count(), 3);
}

async fn a_lost_phone_does_not_come_back_on_a_day(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let (holder, id) = (holder_of(&fixture, &enrolled).await, enrolled.phone_id);
    let day = Duration::from_secs(24 * 60 * 60);
    let terms = Terms {
        note: "on holiday".to_owned(),
        until: Some(fixture.clock.now().plus(day)),
    };
    suspend_phone(app, &id, terms, &by).await.unwrap();
    report_lost(app, &holder, &id, &by).await.unwrap();
    fixture.wait(day * 2);
    resume_due(app).await.unwrap();
    assert_eq!(phone_state(&fixture, &id).await, PhoneState::Suspended);
    all_are(&fixture, &id, &Status::Revoked(HOLD)).await;
    let gone = Terms {
        note: String::new(),
        until: Some(fixture.clock.now()),
    };
    let refused = suspend_holder(app, &holder, gone, &by).await;
    assert!(
        matches!(refused, Err(Error::InvalidField { .. })),
        "{refused:?}"
    );
}

async fn what_was_suspended_can_be_revoked_and_stays_so(mut fixture: Fixture) {
    let by = administrator();
    let id = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let app = fixture.app().clone();
    suspend_phone(&app, &id, String::new(), &by).await.unwrap();
    let since = fixture.clock.now();
    fixture.wait(Duration::from_secs(60));
    let lost = RevocationReason::KeyCompromise;
    assert_eq!(revoke_phone(&app, &id, lost, &by).await.unwrap(), 4);
    all_are(&fixture, &id, &Status::Revoked(Some(1))).await;
    assert_eq!(listed(&fixture, &id).await, [Some(1); 4]);
    for row in fixture.certificates(&id).await {
        let on = fixture.store.reader();
        let evidence = revocation::of(on, &row.issuer_id, &row.serial)
            .await
            .unwrap();
        assert_eq!(evidence.unwrap().revoked_at, since, "refused since then");
    }
    let again = conflict(resume_phone(&app, &id, &by).await);
    assert_eq!(again, Conflict::PhoneNotSuspended);
    fixture.restart().await;
    all_are(&fixture, &id, &Status::Revoked(Some(1))).await;
}

async fn a_certificate_that_was_revoked_before_stays_revoked(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let id = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let rows = fixture.certificates(&id).await;
    revoke_certificate(app, &rows[0].id, RevocationReason::Superseded, &by)
        .await
        .unwrap();
    let suspended = suspend_phone(app, &id, String::new(), &by).await;
    assert_eq!(suspended.unwrap(), 3);
    // One that is on hold can be revoked by itself.
    revoke_certificate(app, &rows[1].id, RevocationReason::KeyCompromise, &by)
        .await
        .unwrap();
    assert_eq!(resume_phone(app, &id, &by).await.unwrap().certificates, 2);
    let found = statuses(&fixture, &id).await;
    let revoked = |reason| Status::Revoked(Some(reason));
    assert_eq!(found, [revoked(4), revoked(1), Status::Good, Status::Good]);
}

/// A phone that makes new keys for the same card.
fn again(known: &Phone) -> Phone {
    Phone {
        guid: known.guid,
        ..Phone::new(SeededPolicy::Compact)
    }
}

async fn no_invitation_brings_back_what_is_suspended(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let card = Phone::new(SeededPolicy::Compact);
    let first = fixture.invite(SeededPolicy::Compact).await;
    let enrolled = card.enroll(app, first.token.reveal()).await.unwrap();
    let open = fixture.invite(SeededPolicy::Compact).await;
    let id = &enrolled.phone_id;
    suspend_phone(app, id, String::new(), &by).await.unwrap();

    // Neither with new keys nor with those that it had.
    let new_keys = again(&card);
    let refused = conflict(new_keys.enroll(app, open.token.reveal()).await);
    assert_eq!(refused, Conflict::PhoneSuspended);
    let repeated = conflict(card.enroll(app, first.token.reveal()).await);
    assert_eq!(repeated, Conflict::PhoneSuspended);
    all_are(&fixture, id, &Status::Revoked(HOLD)).await;
    // The invitation is not used up, and works for another phone, or for this one later.
    resume_phone(app, id, &by).await.unwrap();

    let holder = holder_of(&fixture, &enrolled).await;
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();
    let other = Phone::new(SeededPolicy::Compact);
    for phone in [&other, &new_keys] {
        let refused = conflict(phone.enroll(app, open.token.reveal()).await);
        assert_eq!(refused, Conflict::HolderSuspended);
    }
    let invited = fixture
        .try_invite_person("Alice Example", "alice", SeededPolicy::Compact)
        .await;
    assert!(
        matches!(
            invited,
            Err(Error::InvalidField {
                flaw: FieldFlaw::HolderSuspended { .. },
                ..
            })
        ),
        "{invited:?}"
    );
    resume_holder(app, &holder, &by).await.unwrap();
    new_keys.enroll(app, open.token.reveal()).await.unwrap();
    assert_eq!(phone_state(&fixture, id).await, PhoneState::Active);
}

async fn who_was_let_go_has_nothing_left_and_comes_back_by_being_taken_back(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let first = fixture.enroll(SeededPolicy::Compact).await;
    let second = fixture.enroll(SeededPolicy::Compact).await;
    let open = fixture.invite(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &first).await;
    // One of the two is suspended, and so is the holder: that ends with them.
    let id = &first.phone_id;
    suspend_phone(app, id, String::new(), &by).await.unwrap();
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();

    let reason = RevocationReason::PrivilegeWithdrawn;
    let note = "retired".to_owned();
    let gone = let_go(app, &holder, reason, note, &by).await.unwrap();
    assert_eq!(
        (gone.phones, gone.certificates, gone.invitations),
        (2, 8, 1)
    );
    for phone in [&first, &second] {
        all_are(&fixture, &phone.phone_id, &Status::Revoked(Some(9))).await;
        assert_eq!(
            phone_state(&fixture, &phone.phone_id).await,
            PhoneState::Revoked
        );
    }
    assert_eq!(ssh_keys(&fixture).await, 0);
    let view = query::holder(app, &holder).await.unwrap();
    assert_eq!(
        (view.holder.state, view.holder.phones),
        (HolderState::Gone, 0)
    );
    assert!(view.suspension.is_none());
    assert!(view.let_go.is_some());
    let refused = Phone::new(SeededPolicy::Compact)
        .enroll(app, open.token.reveal())
        .await;
    assert!(
        matches!(refused, Err(Error::InvitationCancelled)),
        "{refused:?}"
    );
    let invited = fixture
        .try_invite_person("Alice Example", "alice", SeededPolicy::Compact)
        .await;
    assert!(
        matches!(
            invited,
            Err(Error::InvalidField {
                flaw: FieldFlaw::HolderGone { .. },
                ..
            })
        ),
        "{invited:?}"
    );
    let twice = let_go(app, &holder, reason, String::new(), &by).await;
    assert_eq!(conflict(twice), Conflict::HolderGone);

    // A page that was open since before takes nobody back.
    let stale = resume_holder(app, &holder, &by).await;
    assert_eq!(conflict(stale), Conflict::HolderGone);
    take_back(app, &holder, &by).await.unwrap();
    all_are(&fixture, &first.phone_id, &Status::Revoked(Some(9))).await;
    fixture.enroll(SeededPolicy::Compact).await;
    assert_eq!(ssh_keys(&fixture).await, 1);
}

async fn suspending_twice_and_resuming_what_is_not_suspended_is_refused(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &enrolled).await;
    let id = enrolled.phone_id;
    let none = String::new;
    let refused = conflict(resume_phone(app, &id, &by).await);
    assert_eq!(refused, Conflict::PhoneNotSuspended);
    let refused = conflict(resume_holder(app, &holder, &by).await);
    assert_eq!(refused, Conflict::HolderActive);
    suspend_phone(app, &id, none(), &by).await.unwrap();
    let refused = conflict(suspend_phone(app, &id, none(), &by).await);
    assert_eq!(refused, Conflict::PhoneSuspended);
    suspend_holder(app, &holder, none(), &by).await.unwrap();
    let refused = conflict(suspend_holder(app, &holder, none(), &by).await);
    assert_eq!(refused, Conflict::HolderSuspended);
    let lost = RevocationReason::KeyCompromise;
    revoke_phone(app, &id, lost, &by).await.unwrap();
    let refused = conflict(suspend_phone(app, &id, none(), &by).await);
    assert_eq!(refused, Conflict::PhoneRevoked);
    for unknown in [
        suspend_phone(app, "no such id", none(), &by).await,
        suspend_holder(app, "no such id", none(), &by).await,
    ] {
        assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    }
    assert_eq!(
        resume_holder(app, &holder, &by).await.unwrap(),
        0,
        "what is revoked does not come back"
    );
    all_are(&fixture, &id, &Status::Revoked(Some(1))).await;
}

async fn those_who_suspend_and_revoke_at_once_do_not_block_each_other(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let other = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let holder = holder_of(&fixture, &enrolled).await;
    let id = enrolled.phone_id;
    let mut tasks = Vec::new();
    for n in 0..12 {
        let (app, id, other, holder) = (
            fixture.app().clone(),
            id.clone(),
            other.clone(),
            holder.clone(),
        );
        tasks.push(tokio::spawn(async move {
            let by = administrator();
            let none = String::new();
            match n % 6 {
                0 => suspend_holder(&app, &holder, none, &by).await.map(drop),
                1 => suspend_phone(&app, &other, none, &by).await.map(drop),
                2 => resume_holder(&app, &holder, &by).await.map(drop),
                3 => suspend_phone(&app, &id, none, &by).await.map(drop),
                4 => resume_phone(&app, &other, &by).await.map(drop),
                _ => {
                    let lost = RevocationReason::KeyCompromise;
                    revoke_phone(&app, &id, lost, &by).await.map(drop)
                }
            }
        }));
    }
    for task in tasks {
        let done = task.await.unwrap();
        assert!(matches!(done, Ok(()) | Err(Error::Conflict(_))), "{done:?}");
    }
    all_are(&fixture, &id, &Status::Revoked(Some(1))).await;
    // The other one is suspended exactly if somebody suspends it still.
    let view = query::phone(fixture.app(), &other).await.unwrap();
    let is_held = view.suspension.is_some() || view.holder_state == HolderState::Suspended;
    let expected = if is_held {
        (PhoneState::Suspended, Status::Revoked(HOLD))
    } else {
        (PhoneState::Active, Status::Good)
    };
    assert_eq!(view.phone.phone.state, expected.0);
    all_are(&fixture, &other, &expected.1).await;
}

async fn a_server_of_an_earlier_version_brings_nothing_back(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &enrolled).await;
    let id = enrolled.phone_id;
    // As such a server enrolls: a card that is known, and one that is new.
    let known = "UPDATE phones SET state = 'active', revoked_at = NULL";
    let new = "INSERT INTO phones (id, holder_id, name, guid, state, created, search) \
        SELECT 'new', id, '', 'new', 'active', 1, '' FROM holders";
    let refused = async |statements: &[&'static str]| {
        for statement in statements {
            let result = try_execute(&fixture.store, statement, &[]).await;
            let error = format!("{:?}", result.unwrap_err());
            assert!(error.contains("suspended or gone"), "{error}");
        }
    };
    suspend_phone(app, &id, String::new(), &by).await.unwrap();
    refused(&[known]).await;
    resume_phone(app, &id, &by).await.unwrap();
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();
    refused(&[known, new]).await;
    let reason = RevocationReason::PrivilegeWithdrawn;
    let_go(app, &holder, reason, String::new(), &by)
        .await
        .unwrap();
    refused(&[known, new]).await;
    all_are(&fixture, &id, &Status::Revoked(Some(9))).await;
}

async fn certificates_that_ended_are_neither_held_nor_counted(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &enrolled).await;
    let id = enrolled.phone_id;
    // Suspended twice over: the second time nothing changes, and the number is the same.
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();
    let twice = suspend_phone(app, &id, String::new(), &by).await;
    assert_eq!(twice.unwrap(), 4);
    fixture.wait(Duration::from_secs(2 * 366 * 24 * 60 * 60));
    resume_holder(app, &holder, &by).await.unwrap();
    assert_eq!(resume_phone(app, &id, &by).await.unwrap().certificates, 0);
    let held = suspend_phone(app, &id, String::new(), &by).await.unwrap();
    assert_eq!(held, 0);
}

async fn who_is_removed_leaves_no_suspension(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let id = invited.holder.id;
    let note = "a secret".to_owned();
    suspend_holder(app, &id, note, &by).await.unwrap();
    remove(app, &id, &by).await.unwrap();
    let on = fixture.store.reader();
    let left = suspension::of(on, ObjectKind::Holder, &id).await.unwrap();
    assert_eq!(left, None);
}

async fn an_enrollment_at_the_same_moment_leaves_no_phone_that_works(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &enrolled).await;
    for _ in 0..5 {
        let open = fixture.invite(SeededPolicy::Compact).await;
        let app = fixture.app().clone();
        let token = open.token.reveal().to_owned();
        let enrolling =
            tokio::spawn(
                async move { Phone::new(SeededPolicy::Compact).enroll(&app, &token).await },
            );
        let by = administrator();
        suspend_holder(fixture.app(), &holder, String::new(), &by)
            .await
            .unwrap();
        // It is refused, or it was in time and is suspended with the rest; or it is cut off between its two transactions.
        let result = enrolling.await.unwrap();
        if let Ok(came) = &result {
            all_are(&fixture, &came.phone_id, &Status::Revoked(HOLD)).await;
        }
        assert_eq!(ssh_keys(&fixture).await, 0, "{result:?}");
        resume_holder(fixture.app(), &holder, &by).await.unwrap();
    }
}

async fn lists_tell_who_has_no_phone_who_has_two_and_who_is_suspended(fixture: Fixture) {
    let (app, by) = (fixture.app(), administrator());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let holder = holder_of(&fixture, &enrolled).await;
    let policy = SeededPolicy::Compact;
    fixture.invite_person("Bob Example", "bob", policy).await;
    let names = async |filter, search: &str| {
        let found = people(&fixture.store, filter, search).await;
        let name = |row: HolderSummary| row.holder.name;
        found.unwrap().into_iter().map(name).collect::<Vec<_>>()
    };
    let nobody: [&str; 0] = [];
    assert_eq!(names(HolderFilter::WithoutPhone, "").await, ["Bob Example"]);
    assert_eq!(
        names(HolderFilter::WithoutPhone, "example").await,
        ["Bob Example"]
    );
    assert_eq!(names(HolderFilter::SeveralPhones, "").await, nobody);
    fixture.enroll(SeededPolicy::Compact).await;
    assert_eq!(
        names(HolderFilter::SeveralPhones, "").await,
        ["Alice Example"]
    );
    assert_eq!(names(HolderFilter::SeveralPhones, "bob").await, nobody);
    suspend_holder(app, &holder, String::new(), &by)
        .await
        .unwrap();
    assert_eq!(names(HolderFilter::Suspended, "").await, ["Alice Example"]);
    assert_eq!(
        names(HolderFilter::SeveralPhones, "").await,
        ["Alice Example"]
    );
    let reason = RevocationReason::PrivilegeWithdrawn;
    let_go(app, &holder, reason, String::new(), &by)
        .await
        .unwrap();
    assert_eq!(names(HolderFilter::Gone, "").await, ["Alice Example"]);
    assert_eq!(names(HolderFilter::Suspended, "").await, nobody);
    assert_eq!(names(HolderFilter::WithoutPhone, "").await, ["Bob Example"]);

    // When the first certificate ends.
    let found = people(&fixture.store, HolderFilter::All, "").await;
    assert!(found.unwrap().iter().all(|row| row.next_end.is_none()));
    take_back(app, &holder, &by).await.unwrap();
    let last = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&last.phone_id).await;
    let found = people(&fixture.store, HolderFilter::All, "").await.unwrap();
    assert_eq!(
        found[0].next_end,
        rows.iter().map(|row| row.not_after).min()
    );
    assert_eq!(found[0].holder.phones, 1);
}
