//! A database that is older than the authorities: the server does not start on it until the last CRLs are taken over.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use enroll_server::server::ServeError;
use enroll_server_model::clock::Clock;
use enroll_server_model::{EventKind, RevocationReason, SeededPolicy};
use enroll_server_service::crl;
use enroll_server_service::reconcile::{self, Options, TakenOver};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::start::StartError;
use enroll_server_service::suspension::{resume_phone, suspend_phone};
use enroll_server_store::{Kind, Store};

use crate::cluster;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{Status, entries, number, ocsp_status, revocation_list, root_of};
use crate::row::execute;

on_both!(
    a_database_from_a_backup_is_brought_up_to_the_last_crl,
    what_was_suspended_since_a_backup_is_suspended_and_can_be_resumed,
    an_empty_database_under_an_authority_that_was_at_work_is_refused,
    an_authority_of_an_earlier_version_needs_its_last_crls,
    a_crl_of_somebody_else_is_not_taken_over,
    a_crl_that_was_changed_is_not_taken_over,
    an_older_crl_takes_nothing_back,
    another_list_of_the_same_number_is_noticed,
    a_database_that_went_back_while_the_server_runs_publishes_nothing,
);

/// What a backup of the database would bring back, in the order in which it can be put in.
const TABLES: [&str; 10] = [
    "holders",
    "phones",
    "cards",
    "invitations",
    "certificates",
    "certificate_bodies",
    "certified_keys",
    "revocations",
    "crls",
    "suspensions",
];

async fn back_up(store: &Store) {
    for table in TABLES.iter().chain(&["issuers"]) {
        run(
            store,
            format!("CREATE TABLE backup_{table} AS SELECT * FROM {table}"),
        )
        .await;
    }
}

async fn restore(store: &Store) {
    for table in TABLES.iter().rev() {
        run(store, format!("DELETE FROM {table}")).await;
    }
    for table in TABLES {
        run(
            store,
            format!("INSERT INTO {table} SELECT * FROM backup_{table}"),
        )
        .await;
    }
    execute(
        store,
        "UPDATE issuers SET revocation_epoch = \
         (SELECT b.revocation_epoch FROM backup_issuers b WHERE b.id = issuers.id)",
        &[],
    )
    .await;
}

async fn run(store: &Store, statement: String) {
    execute(store, Box::leak(statement.into_boxed_str()), &[]).await;
}

/// Enrolls a phone and revokes it; returns its serial numbers.
async fn revoked_phone(fixture: &Fixture) -> Vec<String> {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    revoke(fixture, &enrolled.phone_id).await;
    serials(fixture, &enrolled.phone_id).await
}

async fn revoke(fixture: &Fixture, phone_id: &str) {
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(fixture.app(), phone_id, reason, &administrator())
        .await
        .unwrap();
}

async fn serials(fixture: &Fixture, phone_id: &str) -> Vec<String> {
    let rows = fixture.certificates(phone_id).await;
    rows.into_iter().map(|row| row.serial).collect()
}

async fn take_over(fixture: &Fixture, crls: Vec<Vec<u8>>) -> Result<Vec<TakenOver>, StartError> {
    let clock: Arc<dyn Clock> = fixture.clock.clone();
    reconcile::reconcile(Options {
        data: fixture.options.storage.data.clone(),
        database: fixture.options.storage.database_url(),
        crls,
        clock,
    })
    .await
}

/// Starts the server, which refuses; returns why.
async fn refused(fixture: &Fixture) -> String {
    match fixture.start().await {
        Err(error @ ServeError::Start(StartError::OutOfStep(_))) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("started"),
    }
}

async fn a_database_from_a_backup_is_brought_up_to_the_last_crl(mut fixture: Fixture) {
    let kept = fixture.enroll(SeededPolicy::Compact).await;
    let lost = fixture.enroll(SeededPolicy::Compact).await;
    let lost_serials = serials(&fixture, &lost.phone_id).await;
    revocation_list(fixture.app()).await;
    back_up(&fixture.store).await;
    // After the backup one phone is revoked, and another one comes and goes.
    revoke(&fixture, &lost.phone_id).await;
    let unknown = revoked_phone(&fixture).await;
    let published = number(&revocation_list(fixture.app()).await);
    fixture.stop();
    restore(&fixture.store).await;

    let said = refused(&fixture).await;
    assert!(said.contains("enroll-server reconcile"), "{said}");
    assert!(said.contains(&published.to_string()), "{said}");
    let taken_over = take_over(&fixture, Vec::new()).await.unwrap();
    let issuing = taken_over.last().unwrap();
    assert_eq!((issuing.entries, issuing.revoked), (8, 8), "{taken_over:?}");
    fixture.restart().await;

    let app = fixture.app();
    for serial in lost_serials.iter().chain(&unknown) {
        assert_eq!(ocsp_status(app, serial).await, Status::Revoked(Some(1)));
    }
    for serial in serials(&fixture, &kept.phone_id).await {
        assert_eq!(ocsp_status(app, &serial).await, Status::Good);
    }
    let list = revocation_list(app).await;
    assert!(number(&list) > published);
    let listed: Vec<_> = entries(&list)
        .into_iter()
        .map(|(serial, _)| serial)
        .collect();
    assert!(
        lost_serials
            .iter()
            .chain(&unknown)
            .all(|serial| listed.contains(serial))
    );
    let kinds = fixture.event_kinds().await;
    assert!(kinds.contains(&EventKind::CrlTakenOver));
    let phones = kinds
        .iter()
        .filter(|kind| **kind == EventKind::PhoneRevoked);
    assert_eq!(phones.count(), 3, "it is revoked once more");
    // Once more changes nothing.
    fixture.stop();
    let again = take_over(&fixture, Vec::new()).await.unwrap();
    assert!(again.iter().all(|list| list.revoked == 0), "{again:?}");
    fixture.restart().await;
}

async fn what_was_suspended_since_a_backup_is_suspended_and_can_be_resumed(mut fixture: Fixture) {
    let held = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let lost = fixture.enroll(SeededPolicy::Compact).await.phone_id;
    let by = administrator();
    let none = String::new;
    suspend_phone(fixture.app(), &lost, none(), &by)
        .await
        .unwrap();
    revocation_list(fixture.app()).await;
    back_up(&fixture.store).await;
    suspend_phone(fixture.app(), &held, none(), &by)
        .await
        .unwrap();
    // What was on hold in the backup was revoked since.
    revoke(&fixture, &lost).await;
    revocation_list(fixture.app()).await;
    fixture.stop();
    restore(&fixture.store).await;

    take_over(&fixture, Vec::new()).await.unwrap();
    fixture.restart().await;
    let app = fixture.app();
    for serial in serials(&fixture, &held).await {
        assert_eq!(ocsp_status(app, &serial).await, Status::Revoked(Some(6)));
    }
    for serial in serials(&fixture, &lost).await {
        assert_eq!(ocsp_status(app, &serial).await, Status::Revoked(Some(1)));
    }
    let resumed = resume_phone(app, &held, &by).await.unwrap();
    assert_eq!(resumed.certificates, 4);
    for serial in serials(&fixture, &held).await {
        assert_eq!(ocsp_status(app, &serial).await, Status::Good);
    }
    assert!(resume_phone(app, &lost, &by).await.is_err(), "revoked");
}

/// A new database for the same data folder.
async fn new_database(fixture: &mut Fixture) {
    fixture.stop();
    let url = match fixture.store.kind() {
        Kind::Sqlite => {
            let path = fixture.options.storage.data.with_file_name("new.db");
            format!("sqlite:{}", path.display())
        }
        Kind::Postgres => cluster::new_database().await,
    };
    fixture.options.storage.database = Some(url.into());
}

async fn an_empty_database_under_an_authority_that_was_at_work_is_refused(mut fixture: Fixture) {
    let good = fixture.enroll(SeededPolicy::Compact).await;
    let good = serials(&fixture, &good.phone_id).await;
    let revoked = revoked_phone(&fixture).await;
    crl::current(fixture.app(), root_of(fixture.app()))
        .await
        .unwrap();
    let published = number(&revocation_list(fixture.app()).await);
    new_database(&mut fixture).await;

    let said = refused(&fixture).await;
    assert!(said.contains("the database is empty"), "{said}");
    assert!(said.contains("enroll-server reconcile"), "{said}");
    take_over(&fixture, Vec::new()).await.unwrap();
    fixture.restart().await;
    let app = fixture.app();
    assert_eq!(app.organisation, "Example");
    for serial in &revoked {
        assert_eq!(ocsp_status(app, serial).await, Status::Revoked(Some(1)));
    }
    for serial in &good {
        assert_eq!(ocsp_status(app, serial).await, Status::Unknown);
    }
    let list = revocation_list(app).await;
    assert!(number(&list) > published);
    assert_eq!(entries(&list).len(), 4);
    // They stay on the list until their authority ends: nobody knows when they do.
    fixture.wait(Duration::from_secs(400 * 24 * 60 * 60));
    revocation_list(app).await;
    fixture.wait(Duration::from_secs(2 * 60 * 60));
    assert_eq!(entries(&revocation_list(app).await).len(), 4);
}

async fn an_authority_of_an_earlier_version_needs_its_last_crls(mut fixture: Fixture) {
    let app = fixture.app();
    let revoked = revoked_phone(&fixture).await;
    let mut lists = Vec::new();
    for authority in app.authorities.iter() {
        let current = crl::current(app, authority).await.unwrap();
        lists.push(current.body.as_ref().to_vec());
    }
    let folder = fixture.options.storage.data.join("authority");
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "crl") {
            fs::remove_file(path).unwrap();
        }
    }
    new_database(&mut fixture).await;
    refused(&fixture).await;
    let error = take_over(&fixture, Vec::new()).await.unwrap_err();
    assert!(error.to_string().contains("--crl"), "{error}");
    // One of them alone would have the numbers of the other begin again.
    take_over(&fixture, lists[..1].to_vec()).await.unwrap_err();
    refused(&fixture).await;
    take_over(&fixture, lists).await.unwrap();
    fixture.restart().await;
    let status = ocsp_status(fixture.app(), &revoked[0]).await;
    assert_eq!(status, Status::Revoked(Some(1)));
}

async fn a_crl_of_somebody_else_is_not_taken_over(mut fixture: Fixture) {
    let other = Fixture::new(Kind::Sqlite).await;
    let list = crl::current(other.app(), other.app().authorities.current());
    let list = list.await.unwrap().body.as_ref().to_vec();
    fixture.stop();
    let error = take_over(&fixture, vec![list]).await.unwrap_err();
    assert!(error.to_string().contains("--crl"), "{error}");
    let error = take_over(&fixture, vec![b"no CRL".to_vec()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("--crl"), "{error}");
}

async fn a_crl_that_was_changed_is_not_taken_over(mut fixture: Fixture) {
    revoked_phone(&fixture).await;
    let app = fixture.app();
    let list = crl::current(app, app.authorities.current()).await.unwrap();
    let list = list.body.as_ref().to_vec();
    fixture.stop();
    let before = fixture.event_kinds().await.len();
    let mut changed: Vec<Vec<u8>> = Vec::new();
    // Each byte in turn, some more often than others, and each length that is a step shorter.
    for at in (0..list.len()).step_by(7) {
        let mut one = list.clone();
        one[at] ^= 1 << (at % 8);
        changed.push(one);
        changed.push(list[..at].to_vec());
    }
    changed.push([list.as_slice(), b"more"].concat());
    // A sequence that says it is as long as four lengths of a byte can say, and one in another, a thousand deep.
    changed.push(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
    changed.push([0x30, 0x80].repeat(1000));
    changed.push(b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n".to_vec());
    for one in changed {
        let said = match take_over(&fixture, vec![one.clone()]).await {
            Err(error) => error.to_string(),
            Ok(_) => "it is taken over".to_owned(),
        };
        let at = one.iter().zip(&list).position(|(one, other)| one != other);
        assert!(
            said.contains("--crl"),
            "{said}: changed at {at:?} of {}",
            list.len()
        );
    }
    assert_eq!(fixture.event_kinds().await.len(), before);
    take_over(&fixture, vec![list]).await.unwrap();
    fixture.restart().await;
}

async fn an_older_crl_takes_nothing_back(mut fixture: Fixture) {
    let first = revoked_phone(&fixture).await;
    let app = fixture.app();
    let older = crl::current(app, app.authorities.current()).await.unwrap();
    let older = older.body.as_ref().to_vec();
    let second = revoked_phone(&fixture).await;
    let newest = number(&revocation_list(fixture.app()).await);
    fixture.stop();
    take_over(&fixture, vec![older]).await.unwrap();
    fixture.restart().await;
    let app = fixture.app();
    for serial in first.iter().chain(&second) {
        assert_eq!(ocsp_status(app, serial).await, Status::Revoked(Some(1)));
    }
    let list = revocation_list(app).await;
    assert!(number(&list) >= newest);
    assert_eq!(entries(&list).len(), 8);
}

async fn a_database_that_went_back_while_the_server_runs_publishes_nothing(fixture: Fixture) {
    let app = fixture.app();
    revocation_list(app).await;
    back_up(&fixture.store).await;
    for _ in 0..3 {
        revoked_phone(&fixture).await;
        revocation_list(app).await;
    }
    restore(&fixture.store).await;
    fixture.wait(Duration::from_secs(2 * 60 * 60));
    let error = crl::current(app, app.authorities.current())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("enroll-server reconcile"),
        "{error}"
    );
}

/// A database from a backup may have published since, in another folder: as many lists, with other entries.
async fn another_list_of_the_same_number_is_noticed(mut fixture: Fixture) {
    let lost = fixture.enroll(SeededPolicy::Compact).await;
    let serials = serials(&fixture, &lost.phone_id).await;
    revocation_list(fixture.app()).await;
    back_up(&fixture.store).await;
    revoke(&fixture, &lost.phone_id).await;
    let published = number(&revocation_list(fixture.app()).await);
    let key = fixture.app().authorities.current().key_id();
    fixture.stop();
    let folder = fixture.options.storage.data.join("authority");
    let (kept, aside) = (folder.join(format!("{key}.crl")), folder.join("aside"));
    fs::rename(&kept, &aside).unwrap();
    restore(&fixture.store).await;
    fixture.restart().await;
    fixture.wait(Duration::from_secs(2 * 60 * 60));
    let other = number(&revocation_list(fixture.app()).await);
    assert_eq!(other, published);
    fixture.stop();
    fs::rename(&aside, &kept).unwrap();

    let why = refused(&fixture).await;
    assert!(why.contains("enroll-server reconcile"), "{why}");
    take_over(&fixture, Vec::new()).await.unwrap();
    fixture.restart().await;
    for serial in &serials {
        assert_eq!(
            ocsp_status(fixture.app(), serial).await,
            Status::Revoked(Some(1))
        );
    }
}
