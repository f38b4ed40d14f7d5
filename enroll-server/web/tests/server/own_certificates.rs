//! The server's own certificates: renewed in time, and never in a storm; and the end of their authority.

use std::fs;
use std::time::Duration;

use enroll_server_model::{EventKind, RevocationReason, SeededPolicy, Timestamp};
use enroll_server_service::error::Error;
use enroll_server_service::refusal::NoIssuance;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::{credential, ocsp, query};

use crate::client::Phone;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{Status, entries, ocsp_status, revocation_list};

on_both!(
    near_the_end_of_their_authority_they_do_not_storm,
    a_server_that_is_started_over_and_over_issues_no_more_than_one_an_hour,
    a_folder_that_cannot_keep_a_certificate_gets_none,
    a_damaged_folder_is_made_again,
    the_end_of_an_authority_is_said_from_two_lifetimes_on,
    after_the_end_of_its_authority_a_server_goes_on_without_issuing,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = HOUR.saturating_mul(24);
const YEAR: Duration = DAY.saturating_mul(365);

/// What the periodic work does for them.
async fn work(fixture: &Fixture) {
    let app = fixture.app();
    let _ = credential::renew_tls(app).await;
    let _ = ocsp::responder(app, app.authorities.current()).await;
}

/// How many certificates were put on record.
async fn reserved(fixture: &Fixture) -> usize {
    let kinds = fixture.event_kinds().await;
    let kinds = kinds.into_iter();
    kinds
        .filter(|kind| *kind == EventKind::CertificateReserved)
        .count()
}

/// Lets time pass until so long before the issuing authority's end.
fn wait_for_end(fixture: &Fixture, before: Duration) {
    let end = fixture.app().issuing().not_after;
    fixture.clock.set(end.minus(before));
}

async fn near_the_end_of_their_authority_they_do_not_storm(mut fixture: Fixture) {
    wait_for_end(&fixture, DAY * 80);
    work(&fixture).await;
    let before = reserved(&fixture).await;
    // The certificate of HTTPS ends with its authority now: no other one would end later.
    for _ in 0..80 * 4 {
        fixture.wait(HOUR * 6);
        work(&fixture).await;
    }
    fixture.restart().await;
    work(&fixture).await;
    let responders = reserved(&fixture).await - before;
    assert!(
        (15..30).contains(&responders),
        "a responder's certificate for each half a week, and nothing else: {responders}"
    );
    let before = reserved(&fixture).await;
    for _ in 0..100 {
        fixture.wait(Duration::from_secs(60));
        work(&fixture).await;
    }
    assert_eq!(reserved(&fixture).await, before);
}

async fn a_server_that_is_started_over_and_over_issues_no_more_than_one_an_hour(
    mut fixture: Fixture,
) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let serial = fixture.certificates(&enrolled.phone_id).await[0]
        .serial
        .clone();
    work(&fixture).await;
    let before = reserved(&fixture).await;
    for _ in 0..5 {
        fixture.wait(Duration::from_secs(60));
        fixture.restart().await;
        work(&fixture).await;
        // The authority answers by itself meanwhile.
        assert_eq!(ocsp_status(fixture.app(), &serial).await, Status::Good);
    }
    assert_eq!(reserved(&fixture).await, before);
    fixture.wait(HOUR);
    work(&fixture).await;
    assert_eq!(reserved(&fixture).await, before + 1);
}

async fn a_folder_that_cannot_keep_a_certificate_gets_none(fixture: Fixture) {
    let app = fixture.app();
    work(&fixture).await;
    let before = reserved(&fixture).await;
    // A file stands where the new folder is to be.
    let obstacle = app.data.join("tls.new");
    fs::write(&obstacle, "").unwrap();
    fixture.wait(DAY * 61);
    for _ in 0..50 {
        fixture.wait(Duration::from_secs(60));
        credential::renew_tls(app).await.unwrap_err();
    }
    assert_eq!(reserved(&fixture).await, before);
    fs::remove_file(&obstacle).unwrap();
    credential::renew_tls(app).await.unwrap();
    assert_eq!(reserved(&fixture).await, before + 1);
    // It is kept only now: something stands in the way after it was issued, and it is not issued again.
    fs::write(app.data.join("tls.old"), "").unwrap();
    fixture.wait(DAY * 61);
    for _ in 0..50 {
        fixture.wait(Duration::from_secs(60));
        let _ = credential::renew_tls(app).await;
    }
    assert_eq!(reserved(&fixture).await, before + 2);
}

async fn a_damaged_folder_is_made_again(mut fixture: Fixture) {
    for (file, content) in [
        ("tls/server.pem", &b""[..]),
        ("tls/server.pem", b"-----BEGIN CERTIFICATE-----\nMAo=\n"),
        ("tls/server.key", b""),
        ("tls/server.key", b"\xff\xfe"),
    ] {
        let before = reserved(&fixture).await;
        fixture.stop();
        fs::write(fixture.options.storage.data.join(file), content).unwrap();
        fixture.restart().await;
        assert_eq!(reserved(&fixture).await, before + 1, "{file}");
        fixture.restart().await;
        assert_eq!(reserved(&fixture).await, before + 1, "{file}");
    }
}

async fn the_end_of_an_authority_is_said_from_two_lifetimes_on(fixture: Fixture) {
    let app = fixture.app();
    wait_for_end(&fixture, YEAR * 2 + DAY);
    assert!(query::overview(app).await.unwrap().ending.is_empty());
    // No certificate of a phone is cut short yet, and the phone is told nothing.
    assert_eq!(fixture.enroll(SeededPolicy::Compact).await.cut_short, None);
    wait_for_end(&fixture, YEAR * 2);
    let ending = query::overview(app).await.unwrap().ending;
    assert_eq!(ending.len(), 1);
    assert_eq!(ending[0].name, "Example Issuing CA");
    // From one lifetime on they are cut short, and the phone is told, also when it asks once more.
    wait_for_end(&fixture, DAY * 300);
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    for _ in 0..2 {
        let enrolled = phone.enroll(app, invited.token.reveal()).await.unwrap();
        assert_eq!(enrolled.cut_short, Some(app.issuing().not_after));
    }
}

async fn after_the_end_of_its_authority_a_server_goes_on_without_issuing(mut fixture: Fixture) {
    wait_for_end(&fixture, DAY * 10);
    work(&fixture).await;
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let serial = fixture.certificates(&enrolled.phone_id).await[0]
        .serial
        .clone();
    wait_for_end(&fixture, Duration::ZERO);
    fixture.wait(DAY);
    fixture.restart().await;
    let app = fixture.app();
    let before = reserved(&fixture).await;
    for _ in 0..20 {
        fixture.wait(HOUR);
        work(&fixture).await;
    }
    assert_eq!(reserved(&fixture).await, before);

    let ending = query::overview(app).await.unwrap().ending;
    assert!(ending[0].not_after < app.clock.now());
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let refused = phone.enroll(app, invited.token.reveal()).await;
    assert!(matches!(
        refused,
        Err(Error::IssuesNothing(NoIssuance::AuthorityNotValid { .. }))
    ));
    // It says still what it did.
    assert_eq!(ocsp_status(app, &serial).await, Status::Good);
    assert!(entries(&revocation_list(app).await).is_empty());
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    assert_eq!(ocsp_status(app, &serial).await, Status::Revoked(Some(1)));
    revocation_list(app).await;
    assert!(app.clock.now() > Timestamp(0));
}
