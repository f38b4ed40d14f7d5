//! One card is one phone: what becomes of a card that its holder enrolls again.

use std::time::Duration;

use enroll_server_model::{
    CertificateState, EventKind, PhoneState, RevocationReason, SeededPolicy, Slot,
};
use enroll_server_service::authorized_keys;
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::{Error, Result};
use enroll_server_service::query::{self, PhoneSort, Sorting, Wanted};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_store::{Kind, invitation, revocation};

use crate::client::{self, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::row::execute;

on_both! {
    a_card_that_is_enrolled_again_supersedes_what_it_had,
    an_enrollment_that_fails_leaves_the_phone_as_it_was,
    two_enrollments_of_one_card_at_once_leave_one_set_of_certificates,
    a_revoked_card_comes_back_with_new_keys_and_not_with_old_ones,
    what_was_revoked_while_it_was_at_work_does_not_come_back_with_the_card,
    cards_that_were_enrolled_twice_before_become_one_phone,
}

/// The same card with new keys.
fn again(phone: &Phone) -> Phone {
    Phone {
        guid: phone.guid,
        ..Phone::new(SeededPolicy::Compact)
    }
}

/// Enrolls a phone of Alice's with a new invitation; also gives its token, to repeat the request.
async fn enroll(fixture: &Fixture, phone: &Phone) -> (Result<Enrolled>, String) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let token = invited.token.reveal().to_owned();
    (phone.enroll(fixture.app(), &token).await, token)
}

/// How many certificates of a phone are issued, and how many revoked.
async fn issued_and_revoked(fixture: &Fixture, phone_id: &str) -> (usize, usize) {
    let rows = fixture.certificates(phone_id).await;
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    (
        count(CertificateState::Issued),
        count(CertificateState::Revoked),
    )
}

async fn phones(fixture: &Fixture) -> Vec<query::PhoneSummary> {
    query::phones(
        fixture.app(),
        None,
        "",
        Sorting::falling(PhoneSort::Created),
        Wanted::FIRST,
    )
    .await
    .unwrap()
    .rows
}

/// The keys that sshd is told, by their comments.
async fn ssh_keys(fixture: &Fixture) -> Vec<String> {
    let lines = authorized_keys::lines(fixture.app(), "alice")
        .await
        .unwrap();
    let comment = |line: &String| line.rsplit(' ').next().unwrap().to_owned();
    lines.iter().map(comment).collect()
}

fn ssh_key(enrolled: &Enrolled) -> String {
    let certificate = client::certificate(enrolled, Slot::PivAuthentication);
    format!("tapcard:{}", client::serial(&certificate))
}

async fn a_card_that_is_enrolled_again_supersedes_what_it_had(fixture: Fixture) {
    let phone = Phone::new(SeededPolicy::Compact);
    let (first, old_token) = enroll(&fixture, &phone).await;
    let first = first.unwrap();
    let old: Vec<_> = fixture.certificates(&first.phone_id).await;
    fixture.wait(Duration::from_secs(60));
    let renewed = again(&phone);
    let (second, token) = enroll(&fixture, &renewed).await;
    let second = second.unwrap();
    assert_eq!(first.phone_id, second.phone_id, "one card is one phone");

    let listed = phones(&fixture).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].phone.state, PhoneState::Active);
    assert_eq!(issued_and_revoked(&fixture, &first.phone_id).await, (4, 4));
    for row in &old {
        let found = revocation::of(fixture.store.reader(), &row.issuer_id, &row.serial).await;
        assert_eq!(found.unwrap().unwrap().reason, RevocationReason::Superseded);
    }
    assert_eq!(ssh_keys(&fixture).await, [ssh_key(&second)]);
    let kinds = fixture.event_kinds().await;
    let count = |kind| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!(count(EventKind::PhoneEnrolled), 2);
    assert_eq!(count(EventKind::CertificateRevoked), 4);

    // The request that did it may be repeated; the one before may not.
    let repeated = renewed.enroll(fixture.app(), &token).await.unwrap();
    assert_eq!(repeated.certificates[0].der, second.certificates[0].der);
    fixture.wait(Duration::from_secs(60));
    let refused = phone.enroll(fixture.app(), &old_token).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)), "{refused:?}");

    // Revoking the phone revokes every certificate of the card.
    let reason = RevocationReason::KeyCompromise;
    let revoked = revoke_phone(fixture.app(), &first.phone_id, reason, &administrator()).await;
    assert_eq!(revoked.unwrap(), 4);
    assert_eq!(issued_and_revoked(&fixture, &first.phone_id).await, (0, 8));
    assert!(ssh_keys(&fixture).await.is_empty());
}

/// Makes the database refuse to store certificates, as a full disk would.
pub async fn refuse_to_store(fixture: &Fixture) {
    let statements: &[&'static str] = match fixture.store.kind() {
        Kind::Sqlite => &[
            "CREATE TRIGGER full BEFORE UPDATE ON certificate_bodies BEGIN SELECT RAISE(ABORT, 'full'); END",
        ],
        Kind::Postgres => &[
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$",
            "CREATE TRIGGER full_disk BEFORE UPDATE ON certificate_bodies FOR EACH ROW EXECUTE FUNCTION refuse()",
        ],
    };
    for statement in statements {
        execute(&fixture.store, statement, &[]).await;
    }
}

/// Makes it store them again.
pub async fn store_again(fixture: &Fixture) {
    let statement = match fixture.store.kind() {
        Kind::Sqlite => "DROP TRIGGER full",
        Kind::Postgres => "DROP TRIGGER full_disk ON certificate_bodies",
    };
    execute(&fixture.store, statement, &[]).await;
}

async fn an_enrollment_that_fails_leaves_the_phone_as_it_was(fixture: Fixture) {
    let phone = Phone::new(SeededPolicy::Compact);
    let first = enroll(&fixture, &phone).await.0.unwrap();
    refuse_to_store(&fixture).await;
    let renewed = again(&phone);
    let (failed, token) = enroll(&fixture, &renewed).await;
    assert!(failed.is_err());
    assert_eq!(issued_and_revoked(&fixture, &first.phone_id).await, (4, 0));
    assert_eq!(ssh_keys(&fixture).await, [ssh_key(&first)]);
    assert_eq!(phones(&fixture).await.len(), 1);

    // The phone asks again.
    store_again(&fixture).await;
    fixture.wait(Duration::from_secs(60));
    let second = renewed.enroll(fixture.app(), &token).await.unwrap();
    assert_eq!(second.phone_id, first.phone_id);
    // Four of before, and four that may have been signed when it failed.
    assert_eq!(issued_and_revoked(&fixture, &first.phone_id).await, (4, 8));
    assert_eq!(ssh_keys(&fixture).await, [ssh_key(&second)]);
}

async fn two_enrollments_of_one_card_at_once_leave_one_set_of_certificates(fixture: Fixture) {
    let card = Phone::new(SeededPolicy::Compact);
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let phone = again(&card);
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let app = fixture.app().clone();
        tasks.push(tokio::spawn(async move {
            phone.enroll(&app, invited.token.reveal()).await
        }));
    }
    let mut enrolled = Vec::new();
    for task in tasks {
        enrolled.push(task.await.unwrap().unwrap());
    }
    let id = &enrolled[0].phone_id;
    assert!(enrolled.iter().all(|one| one.phone_id == *id));
    assert_eq!(issued_and_revoked(&fixture, id).await, (4, 12));
    let keys = ssh_keys(&fixture).await;
    assert_eq!(keys.len(), 1);
    assert!(enrolled.iter().any(|one| ssh_key(one) == keys[0]));
    assert_eq!(phones(&fixture).await.len(), 1);
}

async fn a_revoked_card_comes_back_with_new_keys_and_not_with_old_ones(fixture: Fixture) {
    let phone = Phone::new(SeededPolicy::Compact);
    let (first, old_token) = enroll(&fixture, &phone).await;
    let id = first.unwrap().phone_id;
    let reason = RevocationReason::CessationOfOperation;
    revoke_phone(fixture.app(), &id, reason, &administrator())
        .await
        .unwrap();
    let second = enroll(&fixture, &again(&phone)).await.0.unwrap();
    assert_eq!(second.phone_id, id);
    let listed = phones(&fixture).await;
    assert_eq!(listed[0].phone.state, PhoneState::Active);
    assert_eq!(listed[0].phone.revoked_at, None);
    assert_eq!(issued_and_revoked(&fixture, &id).await, (4, 4));
    let refused = phone.enroll(fixture.app(), &old_token).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)), "{refused:?}");
}

async fn what_was_revoked_while_it_was_at_work_does_not_come_back_with_the_card(fixture: Fixture) {
    let phone = Phone::new(SeededPolicy::Compact);
    refuse_to_store(&fixture).await;
    let (failed, token) = enroll(&fixture, &phone).await;
    assert!(failed.is_err());
    store_again(&fixture).await;
    let id = phones(&fixture).await[0].phone.id.clone();
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(fixture.app(), &id, reason, &administrator())
        .await
        .unwrap();
    enroll(&fixture, &again(&phone)).await.0.unwrap();
    fixture.wait(Duration::from_secs(60));
    let refused = phone.enroll(fixture.app(), &token).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)), "{refused:?}");
    assert_eq!(issued_and_revoked(&fixture, &id).await, (4, 4));
}

async fn cards_that_were_enrolled_twice_before_become_one_phone(fixture: Fixture) {
    let migration = match fixture.store.kind() {
        Kind::Sqlite => {
            include_str!("../../../../migrations/sqlite/0012_one_card_is_one_phone.sql")
        }
        Kind::Postgres => {
            include_str!("../../../../migrations/postgres/0012_one_card_is_one_phone.sql")
        }
    };
    // Three phones, of which the second and the third were made by one card.
    let mut ids = Vec::new();
    let mut guids = Vec::new();
    for _ in 0..3 {
        let phone = Phone::new(SeededPolicy::Compact);
        let enrolled = enroll(&fixture, &phone).await.0.unwrap();
        ids.push(enrolled.phone_id);
        guids.push(format!("{:X}", phone.guid));
        fixture.wait(Duration::from_secs(60));
    }
    for statement in ["DROP INDEX phones_guid", "DROP INDEX invitations_phone"] {
        execute(&fixture.store, statement, &[]).await;
    }
    execute(
        &fixture.store,
        "UPDATE phones SET guid = $1 WHERE guid = $2",
        &[&guids[1], &guids[2]],
    )
    .await;
    let code: Vec<_> = migration
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    for statement in code.join("\n").split_terminator(';') {
        if !statement.contains("email_ascii") && !statement.trim().is_empty() {
            let statement: &'static str = String::leak(statement.to_owned());
            execute(&fixture.store, statement, &[]).await;
        }
    }
    let left: Vec<_> = phones(&fixture).await;
    let left: Vec<_> = left.iter().map(|row| row.phone.id.as_str()).collect();
    assert_eq!(left, [&ids[2], &ids[0]], "the newest stays");
    assert_eq!(issued_and_revoked(&fixture, &ids[2]).await, (8, 0));
    assert_eq!(issued_and_revoked(&fixture, &ids[0]).await, (4, 0));
    let alice = phones(&fixture).await[0].phone.holder_id.clone();
    let used = invitation::of_holder(fixture.store.reader(), &alice)
        .await
        .unwrap();
    let of_kept = used
        .iter()
        .filter(|one| one.phone_id.as_ref() == Some(&ids[2]));
    assert_eq!(of_kept.count(), 2);
}
