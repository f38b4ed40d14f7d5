//! The audit trail: complete, in order, and whole.

use enroll_server_model::{Event, EventKind, ObjectKind, RevocationReason, SeededPolicy, Slot};
use enroll_server_service::audit::{Verdict, verify};
use enroll_server_service::error::Error;
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_store::listing::{EventFilter, Span};
use enroll_server_store::{Kind, Store, StoreError, audit, listing};

use crate::client::Phone;
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    everything_that_happened_is_there,
    the_chain_holds_under_many_writers,
    the_table_takes_no_changes,
    a_change_behind_its_back_is_found,
    what_fails_leaves_no_event,
);

async fn everything_that_happened_is_there(fixture: Fixture) {
    let app = fixture.app();
    let begin = fixture.events().await.len();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let enrolled = Phone::new(SeededPolicy::Compact)
        .enroll(app, invited.token.reveal())
        .await
        .unwrap();
    let reason = RevocationReason::PrivilegeWithdrawn;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    let events = fixture.events().await;
    let kinds: Vec<EventKind> = events[begin..].iter().map(|event| event.kind).collect();
    let mut expected = vec![
        EventKind::HolderCreated,
        EventKind::InvitationCreated,
        EventKind::InvitationUsed,
        EventKind::PhoneEnrolled,
    ];
    expected.extend([EventKind::CertificateReserved; 4]);
    expected.extend([EventKind::CertificateIssued; 4]);
    expected.extend([EventKind::CertificateRevoked; 4]);
    expected.push(EventKind::PhoneRevoked);
    assert_eq!(kinds, expected);

    let Event::CertificateIssued(issued) = events[begin + 8].event() else {
        panic!("another kind");
    };
    let certificate = issued.certificate;
    assert_eq!(certificate.slot, Some(Slot::PivAuthentication));
    assert_eq!(
        certificate.phone.as_deref(),
        Some(enrolled.phone_id.as_str())
    );
    assert_eq!(certificate.holder, Some(invited.holder.id));
    assert_eq!(certificate.serial.len(), 32);

    let used = &events[begin + 2];
    assert_eq!(used.actor_id, invited.invitation.id);
    assert_eq!(used.source, "192.0.2.1");
    let revoked = events.last().unwrap();
    assert_eq!(revoked.actor_name, "Ada Admin");
    assert_eq!(revoked.source, "192.0.2.9");
    let Event::PhoneRevoked(detail) = revoked.event() else {
        panic!("another kind");
    };
    assert_eq!(detail.reason, Some(reason));
    assert_eq!(detail.certificates, 4);
    let reader = fixture.store.reader();
    let about = audit::about(reader, ObjectKind::Phone, &enrolled.phone_id, 10)
        .await
        .unwrap();
    assert_eq!(about.len(), 2);
    let newest = listing::events(reader, &EventFilter::default(), true, Span::first(1))
        .await
        .unwrap();
    assert_eq!(newest[0].event.sequence, events.len() as i64);
    let place = newest[0].place();
    let span = Span::after(Some(&place), 1);
    let next = listing::events(reader, &EventFilter::default(), true, span)
        .await
        .unwrap();
    assert_eq!(next[0].event.sequence, events.len() as i64 - 1);
    assert_eq!(
        verify(&fixture.store).await.unwrap(),
        Verdict::Whole(events.len() as i64)
    );
}

async fn the_chain_holds_under_many_writers(fixture: Fixture) {
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let app = fixture.app().clone();
            let policy = fixture.policy(SeededPolicy::Compact);
            tokio::spawn(async move {
                let new = enroll_server_service::admission::invitation::NewInvitation {
                    language: MailLanguage::IfNew("en".to_owned()),
                    system_account: SystemAccount::Refuse,
                    shared_mail: SharedMail::Accept,
                    name: format!("Person {n}"),
                    email: format!("p{n}@example.org"),
                    upn: format!("p{n}@example.org"),
                    policy,
                    by_mail: enroll_server_service::admission::mailing::ByMail::No,
                    replaces: None,
                };
                enroll_server_service::admission::invitation::invite(&app, new, &administrator())
                    .await
                    .unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let events = fixture.events().await.len() as i64;
    assert_eq!(
        verify(&fixture.store).await.unwrap(),
        Verdict::Whole(events)
    );
}

async fn execute(fixture: &Fixture, statement: &'static str) -> Result<(), StoreError> {
    fixture
        .store
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(statement).execute(tx.reader()).await?;
                Ok(())
            })
        })
        .await
}

async fn the_table_takes_no_changes(fixture: Fixture) {
    for statement in [
        "UPDATE audit_events SET actor_name = 'nobody' WHERE sequence = 1",
        "DELETE FROM audit_events WHERE sequence = 1",
    ] {
        let refused = execute(&fixture, statement).await.unwrap_err();
        assert!(refused.to_string().contains("append only"), "{refused}");
    }
}

async fn a_change_behind_its_back_is_found(fixture: Fixture) {
    let disarm: &[&str] = match fixture.store.kind() {
        Kind::Sqlite => &[
            "DROP TRIGGER audit_events_no_update",
            "DROP TRIGGER audit_events_no_delete",
        ],
        Kind::Postgres => &["DROP TRIGGER audit_events_append_only ON audit_events"],
    };
    for statement in disarm {
        execute(&fixture, statement).await.unwrap();
    }
    let verdict = async || verify(&fixture.store).await.unwrap();
    assert_eq!(verdict().await, Verdict::Whole(4));
    execute(
        &fixture,
        "UPDATE audit_events SET actor_name = 'nobody' WHERE sequence = 2",
    )
    .await
    .unwrap();
    assert_eq!(verdict().await, Verdict::Broken { sequence: 2 });
    execute(
        &fixture,
        "UPDATE audit_events SET actor_name = 'enroll-server' WHERE sequence = 2",
    )
    .await
    .unwrap();
    assert_eq!(verdict().await, Verdict::Whole(4));
    // A tail that was cut off.
    execute(&fixture, "DELETE FROM audit_events WHERE sequence = 4")
        .await
        .unwrap();
    assert_eq!(verdict().await, Verdict::Broken { sequence: 4 });
}

async fn what_fails_leaves_no_event(fixture: Fixture) {
    let before = fixture.events().await.len();
    let refused = enroll_server_service::revocation::revoke_phone(
        fixture.app(),
        "no such id",
        RevocationReason::Unspecified,
        &administrator(),
    )
    .await;
    assert!(refused.is_err());
    assert_eq!(fixture.events().await.len(), before);
}

#[tokio::test]
async fn an_empty_database_is_not_a_whole_trail() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("other.db").display());
    let store = Store::open(&url).await.unwrap();
    let refused = verify(&store).await;
    assert!(matches!(refused, Err(Error::NoInstallation)), "{refused:?}");
    store.close().await;
}
