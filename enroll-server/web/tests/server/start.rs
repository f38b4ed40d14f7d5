//! What a first start makes, and what a second one finds.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use enroll_server::server::{ServeError, Server};
use enroll_server_ca::error::CaError;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_model::{
    CertificateState, EventKind, ProfileName, RevocationReason, SeededPolicy,
};
use enroll_server_service::error::Error;
use enroll_server_service::issuance::{self, Reserved};
use enroll_server_service::jobs;
use enroll_server_service::lock::LockError;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::start::StartError;
use enroll_server_store::{Kind, StoreError, certificate, issuer};

use crate::client::Phone;
use crate::fixture::{Fixture, PASSPHRASE, administrator};
use crate::on_both;
use crate::relying_party::{Status, entries, number, ocsp_status, revocation_list};

on_both!(
    a_first_start_makes_everything,
    a_second_start_finds_everything,
    what_others_could_read_is_for_its_owner_alone_after_a_start,
    a_key_that_an_earlier_version_encrypted_is_taken_over_at_a_start,
    a_database_of_another_installation_is_refused,
    a_key_file_without_its_passphrase_is_a_clear_error,
    an_empty_passphrase_file_is_a_clear_error_and_no_key_is_made_under_it,
    two_servers_on_one_database_are_one,
    what_a_crash_left_is_revoked_at_the_next_start,
    work_that_fails_keeps_no_other_work_from_being_done,
);

async fn a_first_start_makes_everything(fixture: Fixture) {
    let data = &fixture.options.storage.data;
    let mode = |name: &str| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("authority"), 0o700);
    for key in [
        "authority/root.key",
        "authority/issuing.key",
        "tls/server.key",
    ] {
        assert_eq!(mode(key), 0o600, "{key}");
        let text = fs::read_to_string(data.join(key)).unwrap();
        assert!(
            text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
            "{key}"
        );
    }
    let chain = fs::read_to_string(data.join("authority/chain.pem")).unwrap();
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
    let issuers = issuer::all(fixture.store.reader()).await.unwrap();
    assert_eq!(issuers.len(), 2);
    let kinds = fixture.event_kinds().await;
    assert_eq!(
        kinds,
        [
            EventKind::AuthorityCreated,
            EventKind::AuthorityCreated,
            EventKind::CertificateReserved,
            EventKind::CertificateIssued
        ]
    );
}

async fn a_second_start_finds_everything(mut fixture: Fixture) {
    let root = fixture.app().anchor().der.clone();
    let events = fixture.events().await.len();
    fixture.options.organisation = "Another name".to_owned();
    fixture.restart().await;
    assert_eq!(fixture.app().anchor().der, root);
    assert_eq!(fixture.app().organisation, "Example");
    // The certificate of HTTPS was kept as well.
    assert_eq!(fixture.events().await.len(), events);
    // While it runs, nobody else starts in its folder.
    let second = fixture.start().await;
    assert!(matches!(
        second,
        Err(ServeError::Start(StartError::Lock(LockError::Folder(_))))
    ));
}

async fn what_others_could_read_is_for_its_owner_alone_after_a_start(mut fixture: Fixture) {
    fixture.stop();
    let data = fixture.options.storage.data.clone();
    let secret = [
        "",
        "authority",
        "authority/root.key",
        "tls",
        "tls/server.key",
    ];
    for path in secret {
        fs::set_permissions(data.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fixture.restart().await;
    for path in secret {
        let mode = fs::metadata(data.join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path}");
    }
    // What is for everybody stays so.
    let mode = fs::metadata(data.join("authority/root.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
}

async fn a_key_that_an_earlier_version_encrypted_is_taken_over_at_a_start(mut fixture: Fixture) {
    fixture.stop();
    let data = fixture.options.storage.data.clone();
    let kind = |key: &Path| {
        let dump = Command::new("openssl")
            .args(["asn1parse", "-in"])
            .arg(key)
            .output()
            .unwrap();
        String::from_utf8(dump.stdout).unwrap()
    };
    for name in [
        "authority/root.key",
        "authority/issuing.key",
        "tls/server.key",
    ] {
        let key = data.join(name);
        let script = "openssl pkey -in \"$1\" -passin env:PASS | openssl pkcs8 -topk8 -scrypt -passout env:PASS -out \"$1.as\" \
            && mv \"$1.as\" \"$1\"";
        let status = Command::new("sh")
            .args(["-ec", script, "sh"])
            .arg(&key)
            .env("PASS", PASSPHRASE)
            .status()
            .unwrap();
        assert!(status.success());
        assert!(kind(&key).contains("scrypt"));
    }
    fixture.restart().await;
    for name in [
        "authority/root.key",
        "authority/issuing.key",
        "tls/server.key",
    ] {
        let is = kind(&data.join(name));
        assert!(is.contains("PBKDF2") && !is.contains("scrypt"), "{is}");
    }
    fixture.enroll(SeededPolicy::Compact).await;
}

async fn a_database_of_another_installation_is_refused(mut fixture: Fixture) {
    let folder = tempfile::tempdir().unwrap();
    fixture.stop();
    fixture.options.storage.database = Some(fixture.options.storage.database_url());
    fixture.options.storage.data = folder.path().join("data");
    // An empty folder: no authority is made for a database that has one.
    let refused = fixture.start().await;
    assert!(matches!(
        refused,
        Err(ServeError::Start(StartError::Ca(CaError::Mismatch(_))))
    ));
    assert!(!fixture.options.storage.data.join("authority").exists());
    // The folder of another installation.
    let database = fixture
        .options
        .storage
        .database
        .replace("sqlite::memory:".to_owned().into());
    let empty = format!("sqlite:{}", folder.path().join("other.db").display());
    fixture.options.storage.database = Some(empty.into());
    drop(fixture.start().await.unwrap());
    fixture.options.storage.database = database;
    let refused = fixture.start().await;
    let mismatch = matches!(
        refused,
        Err(ServeError::Start(StartError::Ca(CaError::Mismatch(_))))
    );
    assert!(mismatch);
}

async fn a_key_file_without_its_passphrase_is_a_clear_error(mut fixture: Fixture) {
    fixture.stop();
    let clock = fixture.clock.clone();
    let wrong = Passphrase::new("another passphrase".to_owned()).unwrap();
    let refused = Server::start(&fixture.options, Some(wrong), clock.clone()).await;
    let Err(error @ ServeError::Start(StartError::Ca(CaError::WrongPassphrase { .. }))) = refused
    else {
        panic!("started");
    };
    assert!(error.to_string().contains("TAPCARD_CA_PASSPHRASE"));
    // None is made up for keys that are there.
    let refused = Server::start(&fixture.options, None, clock).await;
    assert!(matches!(
        refused,
        Err(ServeError::Start(StartError::Ca(
            CaError::NoPassphrase { .. }
        )))
    ));
    assert!(!fixture.options.storage.data.join("secrets").exists());
}

/// What a power cut leaves of a file that is written in place.
async fn an_empty_passphrase_file_is_a_clear_error_and_no_key_is_made_under_it(
    mut fixture: Fixture,
) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("secrets")).unwrap();
    fs::write(data.join("secrets/passphrase"), "").unwrap();
    fixture.options.storage.data = data.clone();
    fixture.options.storage.database = None;
    let refused = Server::start(&fixture.options, None, fixture.clock.clone()).await;
    let Err(error) = refused else {
        panic!("started");
    };
    let said = error.to_string();
    assert!(said.contains("secrets/passphrase"), "{said}");
    assert!(said.contains("0 characters"), "{said}");
    assert!(!data.join("authority").exists());
}

async fn two_servers_on_one_database_are_one(fixture: Fixture) {
    let Kind::Postgres = fixture.store.kind() else {
        return a_second_server_on_sqlite_is_refused(fixture).await;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("authority")).unwrap();
    for file in fs::read_dir(fixture.options.storage.data.join("authority")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), data.join("authority").join(file.file_name())).unwrap();
    }
    let mut options = fixture.options.clone();
    options.storage.data = data;
    let passphrase = Passphrase::new("only for this test".to_owned()).unwrap();
    let second = Server::start(&options, Some(passphrase), fixture.clock.clone())
        .await
        .unwrap();

    // Invited at one, enrolled at the other, revoked at the first, and both say so.
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone
        .enroll(second.app(), invited.token.reveal())
        .await
        .unwrap();
    let rows = fixture.certificates(&enrolled.phone_id).await;
    let serial = &rows[0].serial;
    for app in [fixture.app(), second.app()] {
        assert_eq!(ocsp_status(app, serial).await, Status::Good);
        assert!(entries(&revocation_list(app).await).is_empty());
    }
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(fixture.app(), &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    let mut numbers = Vec::new();
    for app in [second.app(), fixture.app()] {
        assert_eq!(ocsp_status(app, serial).await, Status::Revoked(Some(1)));
        let list = revocation_list(app).await;
        assert_eq!(entries(&list).len(), 4);
        numbers.push(number(&list));
    }
    assert_eq!(numbers, [2, 2], "one CRL was made, and both give it out");
}

async fn a_second_server_on_sqlite_is_refused(fixture: Fixture) {
    assert!(matches!(
        fixture.start().await,
        Err(ServeError::Start(StartError::Lock(LockError::Folder(_))))
    ));
}

/// Puts certificates on record as the first transaction of an issuance does, and then the plug is pulled.
pub async fn reserve(fixture: &Fixture) -> Vec<Reserved> {
    let app = fixture.app();
    let order = crate::enrollment::order(app);
    let now = app.clock.now();
    let prepared = issuance::prepare(app, &order, now).await.unwrap();
    fixture
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { issuance::reserve(tx, &order, prepared, now).await })
        })
        .await
        .unwrap()
}

async fn what_a_crash_left_is_revoked_at_the_next_start(mut fixture: Fixture) {
    let reserved = reserve(&fixture).await;
    fixture.wait(issuance::LEASE * 2);
    fixture.restart().await;

    let store = &fixture.store;
    let row = certificate::by_id(store.reader(), &reserved[0].id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.state, CertificateState::Revoked);
    let kinds = fixture.event_kinds().await;
    assert!(kinds.contains(&EventKind::IssuanceAbandoned));
    assert!(kinds.contains(&EventKind::CertificateRevoked));
    // Whoever was about to sign it finds that it may not be given out any more.
    let actor = enroll_server_model::Actor::system();
    let late = issuance::complete(fixture.app(), reserved, &actor).await;
    assert!(late.is_err());
}

async fn work_that_fails_keeps_no_other_work_from_being_done(fixture: Fixture) {
    let app = fixture.app().clone();
    // The certificate of HTTPS is due, and the new one cannot be saved: a file stands where its folder is to be.
    let profile = app.profile(&ProfileName::TLS_SERVER).unwrap();
    fixture.wait(profile.definition.lifetime());
    fs::write(app.data.join("tls.new"), "").unwrap();
    let reserved = reserve(&fixture).await;
    fixture.wait(issuance::LEASE * 2);

    let work = tokio::spawn(jobs::run(app.clone()));
    let is_revoked = async || {
        let row = certificate::by_id(fixture.store.reader(), &reserved[0].id).await;
        row.unwrap().unwrap().state == CertificateState::Revoked
    };
    let mut left = 200;
    while !is_revoked().await {
        left -= 1;
        assert!(left > 0, "what was never signed is not revoked");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    work.abort();
    // What could not be kept was not issued either.
    let issued = fixture.event_kinds().await;
    let issued = issued
        .iter()
        .filter(|kind| **kind == EventKind::CertificateIssued);
    assert_eq!(issued.count(), 2, "HTTPS once, and an OCSP responder");
}

#[tokio::test]
async fn a_url_of_no_database_that_is_known_is_an_error_without_its_password() {
    for url in [
        "mysql://root:secret@localhost/x",
        "postgres//root:secret@localhost/x",
        "root:secret@localhost",
        "secret",
    ] {
        let refused = enroll_server_store::Store::open(url).await;
        let Err(error @ StoreError::UnknownDatabase(_)) = refused else {
            panic!("opened");
        };
        assert!(!format!("{error} {error:?}").contains("secret"), "{url}");
    }
    let url = "postgres://root:secret@localhost:port/x";
    let Err(error) = enroll_server_store::Store::open(url).await else {
        panic!("opened");
    };
    let said = format!("{error} {error:?}");
    assert!(!said.contains("secret"), "{said}");
}
