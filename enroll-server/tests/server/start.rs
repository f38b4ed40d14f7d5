//! What a first start makes, and what a second one finds.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use enroll_server::ca::CaError;
use enroll_server::server::ServeError;
use enroll_server::service::issuance;
use enroll_server::store::audit::EventKind;
use enroll_server::store::certificate::{self, CertificateState};
use enroll_server::store::{StoreError, issuer};

use crate::fixture::Fixture;
use crate::on_both;

on_both!(
    a_first_start_makes_everything,
    a_second_start_finds_everything,
    a_database_of_another_installation_is_refused,
    what_a_crash_left_is_revoked_at_the_next_start,
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
    let issuers = issuer::all(fixture.app().store.reader()).await.unwrap();
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
    let root = fixture.app().authority.root.der.clone();
    let events = fixture.events().await.len();
    fixture.options.organisation = "Another name".to_owned();
    fixture.restart().await;
    assert_eq!(fixture.app().authority.root.der, root);
    assert_eq!(fixture.app().organisation, "Example");
    // The certificate of HTTPS was kept as well.
    assert_eq!(fixture.events().await.len(), events);
    // While it runs, nobody else starts in its folder.
    let second = fixture.start().await;
    assert!(matches!(second, Err(ServeError::InUse(_))));
}

async fn a_database_of_another_installation_is_refused(mut fixture: Fixture) {
    let folder = tempfile::tempdir().unwrap();
    fixture.options.storage.database = Some(fixture.options.storage.database_url());
    fixture.options.storage.data = folder.path().join("data");
    let refused = fixture.start().await;
    let mismatch = matches!(
        refused,
        Err(ServeError::Service(enroll_server::error::Error::Ca(
            CaError::Mismatch(_)
        )))
    );
    assert!(mismatch);
}

async fn what_a_crash_left_is_revoked_at_the_next_start(mut fixture: Fixture) {
    // The first transaction of an issuance, and then the plug is pulled.
    let app = fixture.app().clone();
    let owner = issuance::Owner::default();
    let prepared = crate::enrollment::prepared(&app);
    let issuing_id = app.issuing_id.clone();
    let now = app.clock.now();
    let reserved = app
        .store
        .write::<_, enroll_server::error::Error, _>(move |tx| {
            Box::pin(async move {
                let actor = enroll_server::store::audit::Actor::system();
                issuance::reserve(tx, &issuing_id, prepared, &owner, "a test", &actor, now).await
            })
        })
        .await
        .unwrap();
    drop(app);
    fixture.wait(issuance::LEASE * 2);
    fixture.restart().await;

    let store = &fixture.app().store;
    let row = certificate::by_id(store.reader(), &reserved.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.state, CertificateState::Revoked);
    let kinds = fixture.event_kinds().await;
    assert!(kinds.contains(&EventKind::IssuanceAbandoned));
    assert!(kinds.contains(&EventKind::CertificateRevoked));
    // Whoever was about to sign it finds that it may not be given out any more.
    let actor = enroll_server::store::audit::Actor::system();
    let late = issuance::complete(fixture.app(), vec![reserved], &actor).await;
    assert!(late.is_err());
}

#[tokio::test]
async fn a_url_of_no_database_that_is_known_is_an_error() {
    let refused = enroll_server::store::Store::open("mysql://root:secret@localhost/x").await;
    let Err(error @ StoreError::UnknownDatabase(_)) = refused else {
        panic!("opened");
    };
    assert!(!error.to_string().contains("secret"));
}
