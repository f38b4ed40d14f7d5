//! Revoking, and who learns of it.

use std::sync::Arc;
use std::time::Duration;

use enroll_server_model::{
    CertificateState, EventKind, RevocationReason, Scope, SeededPolicy, Slot, Timestamp,
};
use enroll_server_service::admission::invitation::NewInvitation;
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::admission::once;
use enroll_server_service::admission::replaced::{Departure, Replacing};
use enroll_server_service::crl;
use enroll_server_service::crl::ServedCrl;
use enroll_server_service::error::Error;
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::refusal::Object;
use enroll_server_service::revocation::{revoke_certificate, revoke_phone};
use enroll_server_service::{App, jobs, query};
use enroll_server_store::certificate;

use der::Decode;
use x509_cert::crl::CertificateList;

use crate::client;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{Status, entries, number, ocsp_status, revocation_list};

on_both!(
    a_revocation_is_seen_at_once,
    a_phone_is_revoked_as_a_whole,
    a_certificate_is_revoked_once,
    crl_numbers_rise_without_a_gap_in_time,
    a_crl_is_kept_while_nothing_changes,
    an_expired_certificate_stays_on_one_more_crl,
    administrators_who_revoke_the_same_at_once_do_not_block_each_other,
    lists_are_made_before_anybody_asks,
    lists_are_made_where_a_program_may_ask_twice,
    a_list_that_renews_itself_in_a_minute_is_nobodys_business,
);

async fn a_revocation_is_seen_at_once(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    for (reason, row) in RevocationReason::finals().zip(&rows) {
        assert_eq!(ocsp_status(app, &row.serial).await, Status::Good);
        assert!(
            !entries(&revocation_list(app).await)
                .contains(&(row.serial.clone(), reason_code(reason)))
        );
        revoke_certificate(app, &row.id, reason, &administrator())
            .await
            .unwrap();
        // The clock has not moved.
        let expected = Status::Revoked(reason_code(reason));
        assert_eq!(ocsp_status(app, &row.serial).await, expected);
        let list = entries(&revocation_list(app).await);
        assert!(
            list.contains(&(row.serial.clone(), reason_code(reason))),
            "{reason}: {list:?}"
        );
    }
}

/// "unspecified" is said by saying nothing.
fn reason_code(reason: RevocationReason) -> Option<u8> {
    Some(reason.code()).filter(|code| *code != 0)
}

async fn a_phone_is_revoked_as_a_whole(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    revoke_certificate(
        app,
        &rows[1].id,
        RevocationReason::Superseded,
        &administrator(),
    )
    .await
    .unwrap();

    let lost = RevocationReason::KeyCompromise;
    assert_eq!(
        revoke_phone(app, &enrolled.phone_id, lost, &administrator())
            .await
            .unwrap(),
        3
    );
    for (n, row) in rows.iter().enumerate() {
        // What was revoked before keeps its reason.
        let code = if n == 1 { 4 } else { 1 };
        assert_eq!(
            ocsp_status(app, &row.serial).await,
            Status::Revoked(Some(code))
        );
    }
    let again = revoke_phone(app, &enrolled.phone_id, lost, &administrator()).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    let unknown = revoke_phone(app, "no such id", lost, &administrator()).await;
    assert!(matches!(unknown, Err(Error::NotFound(Object::Phone))));
    let kinds = fixture.event_kinds().await;
    let revoked = kinds
        .iter()
        .filter(|kind| **kind == EventKind::CertificateRevoked)
        .count();
    assert_eq!(revoked, 4);
}

async fn a_certificate_is_revoked_once(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let serial = client::serial(&client::certificate(&enrolled, Slot::PivAuthentication));
    let row = certificate::by_serial(
        fixture.store.reader(),
        app.authorities.current().id(),
        &serial,
    )
    .await
    .unwrap()
    .unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let app = app.clone();
            let id = row.id.clone();
            tokio::spawn(async move {
                revoke_certificate(&app, &id, RevocationReason::KeyCompromise, &administrator())
                    .await
            })
        })
        .collect();
    let mut revoked = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => revoked += 1,
            Err(error) => assert!(matches!(error, Error::Conflict(_)), "{error:?}"),
        }
    }
    assert_eq!(revoked, 1);
    let unknown = revoke_certificate(
        app,
        "no such id",
        RevocationReason::Unspecified,
        &administrator(),
    )
    .await;
    assert!(matches!(unknown, Err(Error::NotFound(Object::Certificate))));
}

async fn crl_numbers_rise_without_a_gap_in_time(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let rows = fixture.certificates(&enrolled.phone_id).await;
    let mut last = number(&revocation_list(app).await);
    for row in &rows {
        revoke_certificate(
            app,
            &row.id,
            RevocationReason::Unspecified,
            &administrator(),
        )
        .await
        .unwrap();
        // Many ask at once: one CRL is made, and all get it.
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let app = app.clone();
                tokio::spawn(async move { number(&revocation_list(&app).await) })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), last + 1);
        }
        last += 1;
    }
    let root = app.authorities.anchor(app.authorities.current());
    let root = crl::current(app, root).await.unwrap();
    assert_eq!(root.number, 1);
}

async fn issuing_crl(app: &App) -> Arc<ServedCrl> {
    crl::current(app, app.authorities.current()).await.unwrap()
}

async fn a_crl_is_kept_while_nothing_changes(mut fixture: Fixture) {
    let first = issuing_crl(fixture.app()).await;
    fixture.wait(Duration::from_secs(59 * 60));
    let second = issuing_crl(fixture.app()).await;
    assert_eq!(first.body, second.body);
    fixture.restart().await;
    let third = issuing_crl(fixture.app()).await;
    assert_eq!(first.body, third.body);
    fixture.wait(Duration::from_secs(2 * 60));
    let fourth = issuing_crl(fixture.app()).await;
    assert_eq!(fourth.number, first.number + 1);
    assert!(fourth.next_update > first.next_update);
    assert!(fourth.this_update > Timestamp(0));
}

async fn an_expired_certificate_stays_on_one_more_crl(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.revoke(&enrolled.phone_id).await;
    assert_eq!(entries(&revocation_list(app).await).len(), 4);
    fixture.wait(Duration::from_secs(400 * 24 * 60 * 60));
    assert_eq!(entries(&revocation_list(app).await).len(), 4);
    fixture.wait(Duration::from_secs(2 * 60 * 60));
    assert_eq!(entries(&revocation_list(app).await).len(), 0);
}

async fn administrators_who_revoke_the_same_at_once_do_not_block_each_other(fixture: Fixture) {
    for _ in 0..8 {
        let app = fixture.app();
        let enrolled = fixture.enroll(SeededPolicy::Compact).await;
        let phone = enrolled.phone_id;
        let rows = fixture.certificates(&phone).await;
        let mut tasks = Vec::new();
        for row in rows.into_iter().rev() {
            let app = app.clone();
            tasks.push(tokio::spawn(async move {
                let reason = RevocationReason::KeyCompromise;
                revoke_certificate(&app, &row.id, reason, &administrator()).await
            }));
        }
        let reason = RevocationReason::KeyCompromise;
        revoke_phone(app, &phone, reason, &administrator())
            .await
            .unwrap();
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) | Err(Error::Conflict(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        let rows = fixture.certificates(&phone).await;
        assert!(
            rows.iter()
                .all(|row| row.state == CertificateState::Revoked)
        );
    }
}

/// Waits until the newest list of the issuing authority that is stored has that number of entries.
async fn wait_for_list(fixture: &Fixture, of: usize) {
    let id = fixture.app().authorities.current().id();
    let length = async || {
        let newest = enroll_server_store::crl::newest(fixture.store.reader(), id);
        let list = newest.await.unwrap()?.body;
        let list = CertificateList::from_der(list.as_ref()).unwrap();
        Some(entries(&list).len())
    };
    let mut left = 200;
    while length().await != Some(of) {
        left -= 1;
        assert!(left > 0, "no list has {of} entries");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn lists_are_made_before_anybody_asks(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let work = tokio::spawn(jobs::run(fixture.app().clone()));
    wait_for_list(&fixture, 0).await;
    fixture.revoke(&enrolled.phone_id).await;
    wait_for_list(&fixture, 4).await;
    work.abort();
}

async fn lists_are_made_where_a_program_may_ask_twice(fixture: Fixture) {
    let phone = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let program = crate::requests::token(&fixture, "program", Scope::ALL).await;
    let work = tokio::spawn(jobs::run(fixture.app().clone()));
    wait_for_list(&fixture, 0).await;
    let new = NewInvitation {
        name: "Alice Example".to_owned(),
        email: "alice@example.org".to_owned(),
        upn: "alice@example.org".to_owned(),
        language: MailLanguage::IfNew("en".to_owned()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
        policy: fixture.policy(SeededPolicy::Compact),
        by_mail: ByMail::No,
        replaces: Some(Replacing {
            phone,
            departure: Departure::AtOnce(RevocationReason::KeyCompromise),
        }),
    };
    let request = once::Request {
        token_id: program.id.clone(),
        key: "key".to_owned(),
        asked: b"asked".to_vec(),
    };
    once::invite(fixture.app(), new, request, &program)
        .await
        .unwrap();
    wait_for_list(&fixture, 4).await;
    work.abort();
}

async fn a_list_that_renews_itself_in_a_minute_is_nobodys_business(fixture: Fixture) {
    let app = fixture.app();
    let list = revocation_list(app).await;
    fixture.wait(Duration::from_secs(60 * 24 * 60 * 60));
    let next_update = list.tbs_cert_list.next_update.unwrap().to_unix_duration();
    let now = app.clock.now().seconds();
    assert!(i64::try_from(next_update.as_secs()).unwrap() < now);
    assert!(!query::overview(app).await.unwrap().has_stale_list);
}
