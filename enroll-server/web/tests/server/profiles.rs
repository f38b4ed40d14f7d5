//! Profiles in the database.

use enroll_server::server::ServeError;
use enroll_server_model::{SeededPolicy, Slot};
use enroll_server_service::error::Error;
use enroll_server_service::start::StartError;
use enroll_server_store::certificate;

use crate::client;
use crate::fixture::Fixture;
use crate::on_both;
use crate::row::execute;

on_both!(
    a_new_version_is_in_force_from_the_next_start,
    a_bad_row_ends_the_start_and_is_named,
);

/// Adds the second version of a profile.
async fn add(fixture: &Fixture, name: &str, definition: &serde_json::Value) {
    execute(
        &fixture.store,
        "INSERT INTO profiles (name, version, created, definition) VALUES ($1, 2, 0, $2)",
        &[name, &definition.to_string()],
    )
    .await;
}

fn definition(fixture: &Fixture, name: &str) -> serde_json::Value {
    let profile = fixture.app().profiles.get(&name.parse().unwrap()).unwrap();
    serde_json::to_value(&profile.definition).unwrap()
}

async fn a_new_version_is_in_force_from_the_next_start(mut fixture: Fixture) {
    let mut changed = definition(&fixture, "digital-signature");
    changed["lifetime_days"] = 10.into();
    add(&fixture, "digital-signature", &changed).await;
    fixture.restart().await;
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    for (slot, version, days) in [
        (Slot::DigitalSignature, 2, 10),
        (Slot::PivAuthentication, 1, 365),
    ] {
        let leaf = client::certificate(&enrolled, slot);
        let serial = client::serial(&leaf);
        let issuer = app.authorities.current().id();
        let row = certificate::by_serial(fixture.store.reader(), issuer, &serial)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.profile_version, version, "{slot}");
        let life = row.not_after.since(app.clock.now()).unwrap().as_secs() / (24 * 60 * 60);
        assert!((days - 1..=days).contains(&life), "{slot}: {life} days");
    }
}

async fn a_bad_row_ends_the_start_and_is_named(mut fixture: Fixture) {
    let mut changed = definition(&fixture, "key-management");
    changed["lifetime_days"] = 0.into();
    add(&fixture, "key-management", &changed).await;
    fixture.stop();
    let Err(error @ ServeError::Start(StartError::Service(Error::Profile(_)))) =
        fixture.start().await
    else {
        panic!("a bad profile was accepted");
    };
    assert_eq!(
        error.to_string(),
        "profile \"key-management\", version 2: the lifetime must be between 1 and 3650 days"
    );
}
