//! A new PIN for whoever has forgotten theirs: a code that an officer gets, and the key that the phone gets for it.

use std::time::Duration;

use rcgen::KeyPair;
use serde_json::json;
use zeroize::Zeroizing;

use enroll_server_model::{EventKind, SeededPolicy};
use enroll_server_service::error::{Error, Result};
use enroll_server_service::refusal::Conflict;
use enroll_server_service::suspension;
use enroll_server_service::unblocking::{self, LASTS, MOST_WRONG, Unblocked};
use enrollment_protocol::unblocking::PATH;

use crate::check_in::Enrollee;
use crate::client::{CLIENT, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    the_right_code_gives_the_key_that_the_phone_enrolled_with,
    wrong_codes_end_what_was_allowed,
    a_code_ends_is_taken_back_and_replaced,
    a_code_is_for_one_phone_and_for_an_active_one,
    a_card_that_is_enrolled_again_has_another_key_and_takes_no_code_of_before,
    a_code_that_was_used_ends_soon,
    whoever_brings_anothers_check_in_key_gets_another_unblocking_key,
);

pub async fn allowed(fixture: &Fixture, phone: &Enrollee) -> Zeroizing<String> {
    let open = unblocking::allow(fixture.app(), &phone.id, &administrator()).await;
    open.unwrap().code
}

pub async fn brings(fixture: &Fixture, phone: &Enrollee, code: &str) -> Result<Unblocked> {
    let challenge = phone.challenge(fixture).await;
    let message = json!({"challenge": challenge, "code": code});
    unblocking::unblock(fixture.app(), phone.signed(PATH, &message), CLIENT).await
}

async fn is_refused(fixture: &Fixture, phone: &Enrollee, code: &str) -> bool {
    matches!(
        brings(fixture, phone, code).await,
        Err(Error::UnblockingRefused)
    )
}

async fn count(fixture: &Fixture, kind: EventKind) -> usize {
    let kinds = fixture.event_kinds().await;
    kinds.into_iter().filter(|one| *one == kind).count()
}

/// Another code of eight digits.
fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

async fn the_right_code_gives_the_key_that_the_phone_enrolled_with(fixture: Fixture) {
    let phone = Enrollee::new(&fixture).await;
    assert!(is_refused(&fixture, &phone, "12345678").await);
    let code = allowed(&fixture, &phone).await;
    let typed = format!(" {}-{} ", &code[..4], &code[4..]);
    let first = brings(&fixture, &phone, &typed).await.unwrap();
    assert_eq!(Some(&first.key), phone.unblocking.as_ref());
    // Its answer may be lost.
    let again = brings(&fixture, &phone, &code).await.unwrap();
    assert_eq!(again.key, first.key);
    assert_eq!(count(&fixture, EventKind::PinUnblocked).await, 2);
    let shown = unblocking::of_phone(fixture.app(), &phone.id)
        .await
        .unwrap();
    assert!(shown.is_none());
    // Whoever records what went over the line cannot send it again.
    let message = json!({"challenge": "old", "code": *code});
    let old = unblocking::unblock(fixture.app(), phone.signed(PATH, &message), CLIENT).await;
    assert!(matches!(old, Err(Error::CheckInRefused)));
    let another_phone = Enrollee::new(&fixture).await;
    assert_ne!(another_phone.unblocking, phone.unblocking);
}

async fn wrong_codes_end_what_was_allowed(fixture: Fixture) {
    let phone = Enrollee::new(&fixture).await;
    let code = allowed(&fixture, &phone).await;
    for _ in 1..MOST_WRONG {
        assert!(is_refused(&fixture, &phone, &another(&code)).await);
    }
    assert!(brings(&fixture, &phone, &code).await.is_ok());
    assert!(is_refused(&fixture, &phone, "").await);
    assert!(is_refused(&fixture, &phone, &code).await);
    assert_eq!(count(&fixture, EventKind::PinUnblockingFailed).await, 1);
    let shown = unblocking::of_phone(fixture.app(), &phone.id)
        .await
        .unwrap();
    assert!(shown.is_none());
}

async fn a_code_ends_is_taken_back_and_replaced(fixture: Fixture) {
    let phone = Enrollee::new(&fixture).await;
    let first = allowed(&fixture, &phone).await;
    let second = allowed(&fixture, &phone).await;
    assert_ne!(first, second);
    assert!(is_refused(&fixture, &phone, &first).await);
    let withdraw = async || {
        let done = unblocking::withdraw(fixture.app(), &phone.id, &administrator()).await;
        done.unwrap()
    };
    assert!(withdraw().await);
    assert!(!withdraw().await);
    assert!(is_refused(&fixture, &phone, &second).await);
    let third = allowed(&fixture, &phone).await;
    fixture.clock.advance(LASTS + Duration::from_secs(1));
    assert!(is_refused(&fixture, &phone, &third).await);
    assert!(!withdraw().await);
    assert_eq!(count(&fixture, EventKind::PinUnblockingWithdrawn).await, 1);
}

async fn a_code_is_for_one_phone_and_for_an_active_one(fixture: Fixture) {
    let (phone, another) = (Enrollee::new(&fixture).await, Enrollee::new(&fixture).await);
    let code = allowed(&fixture, &phone).await;
    allowed(&fixture, &another).await;
    assert!(is_refused(&fixture, &another, &code).await);
    let app = fixture.app();
    let actor = administrator();
    suspension::suspend_phone(app, &phone.id, String::new(), &actor)
        .await
        .unwrap();
    assert!(is_refused(&fixture, &phone, &code).await);
    let allow = unblocking::allow(app, &phone.id, &administrator()).await;
    assert!(matches!(
        allow,
        Err(Error::Conflict(Conflict::PhoneSuspended))
    ));
    suspension::resume_phone(app, &phone.id, &administrator())
        .await
        .unwrap();
    assert!(brings(&fixture, &phone, &code).await.is_ok());
    let unknown = unblocking::allow(app, "nobody", &administrator()).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))));
}

async fn a_card_that_is_enrolled_again_has_another_key_and_takes_no_code_of_before(
    fixture: Fixture,
) {
    let mut phone = Enrollee::new(&fixture).await;
    let before = phone.unblocking.clone();
    let old_code = allowed(&fixture, &phone).await;
    phone.enroll_again(&fixture).await;
    assert!(is_refused(&fixture, &phone, &old_code).await);
    assert!(phone.unblocking.is_some() && phone.unblocking != before);
    let code = allowed(&fixture, &phone).await;
    let given = brings(&fixture, &phone, &code).await.unwrap();
    assert_eq!(Some(given.key), phone.unblocking);
}

async fn a_code_that_was_used_ends_soon(fixture: Fixture) {
    let phone = Enrollee::new(&fixture).await;
    let code = allowed(&fixture, &phone).await;
    brings(&fixture, &phone, &code).await.unwrap();
    fixture.clock.advance(Duration::from_secs(4 * 60));
    brings(&fixture, &phone, &code).await.unwrap();
    // Each use does not make it last longer.
    fixture.clock.advance(Duration::from_secs(2 * 60));
    assert!(is_refused(&fixture, &phone, &code).await);
    assert_eq!(count(&fixture, EventKind::PinUnblocked).await, 2);
}

async fn whoever_brings_anothers_check_in_key_gets_another_unblocking_key(fixture: Fixture) {
    let phone = Enrollee::new(&fixture).await;
    let copied = KeyPair::from_pem(&phone.phone.check_in.serialize_pem()).unwrap();
    let thief = Phone {
        check_in: copied,
        ..Phone::new(SeededPolicy::Compact)
    };
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let token = invited.token.reveal();
    let enrolled = thief.enroll(fixture.app(), token).await.unwrap();
    assert!(enrolled.unblocking.is_some() && enrolled.unblocking != phone.unblocking);
    // The phone itself still gets its own.
    let code = allowed(&fixture, &phone).await;
    let given = brings(&fixture, &phone, &code).await.unwrap();
    assert_eq!(Some(given.key), phone.unblocking);
}
