//! The first administrator.

use enroll_server_model::{Actor, EventKind};
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Field;
use enroll_server_service::setup::{self, FirstAdministrator};
use enroll_server_store::administrator;

use crate::fixture::Fixture;
use crate::on_both;

on_both!(
    the_link_works_once_and_reading_it_uses_nothing_up,
    of_many_who_race_for_it_one_becomes_administrator,
    an_older_link_works_until_there_is_an_administrator,
);

fn first(name: &str) -> FirstAdministrator {
    FirstAdministrator {
        name: name.to_owned(),
        email: format!("{name}@example.org"),
        password_hash: "$argon2id$".to_owned(),
    }
}

/// Somebody who administers, with an account.
pub async fn ada(fixture: &Fixture) -> Actor {
    let app = fixture.app();
    let token = setup::create_link(app).await.unwrap().unwrap();
    let ada = setup::complete(app, token.reveal(), first("Ada"), "")
        .await
        .unwrap();
    Actor::administrator(&ada.id, &ada.name, "192.0.2.1")
}

async fn the_link_works_once_and_reading_it_uses_nothing_up(fixture: Fixture) {
    let app = fixture.app();
    let token = setup::create_link(app).await.unwrap().unwrap();
    for _ in 0..3 {
        setup::check_link(app, token.reveal()).await.unwrap();
    }
    let guessed = setup::check_link(app, &"A".repeat(32)).await;
    assert!(matches!(guessed, Err(Error::SetupClosed)));
    let nameless = setup::complete(app, token.reveal(), first(" "), "192.0.2.1").await;
    assert!(matches!(
        nameless,
        Err(Error::InvalidField {
            field: Field::Name,
            ..
        })
    ));

    let ada = setup::complete(app, token.reveal(), first("Ada"), "192.0.2.1")
        .await
        .unwrap();
    assert_eq!(ada.email, "ada@example.org");
    let found = administrator::by_email(fixture.store.reader(), " ADA@example.org")
        .await
        .unwrap();
    assert_eq!(found.unwrap().id, ada.id);
    assert!(matches!(
        setup::check_link(app, token.reveal()).await,
        Err(Error::SetupClosed)
    ));
    let again = setup::complete(app, token.reveal(), first("Eve"), "192.0.2.1").await;
    assert!(matches!(again, Err(Error::SetupClosed)));
    assert!(setup::create_link(app).await.unwrap().is_none());
    let last = fixture.events().await.pop().unwrap();
    assert_eq!(last.kind, EventKind::AdministratorCreated);
    assert_eq!(last.source, "192.0.2.1");
}

async fn of_many_who_race_for_it_one_becomes_administrator(fixture: Fixture) {
    let token = setup::create_link(fixture.app()).await.unwrap().unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let app = fixture.app().clone();
            let token = token.clone();
            tokio::spawn(async move {
                setup::complete(&app, token.reveal(), first(&format!("racer{n}")), "").await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, Error::SetupClosed), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
    let kinds = fixture.event_kinds().await;
    let created = kinds
        .iter()
        .filter(|kind| **kind == EventKind::AdministratorCreated);
    assert_eq!(created.count(), 1);
}

async fn an_older_link_works_until_there_is_an_administrator(fixture: Fixture) {
    let app = fixture.app();
    let older = setup::create_link(app).await.unwrap().unwrap();
    let newer = setup::create_link(app).await.unwrap().unwrap();
    setup::check_link(app, older.reveal()).await.unwrap();
    setup::complete(app, newer.reveal(), first("Ada"), "")
        .await
        .unwrap();
    assert!(matches!(
        setup::check_link(app, older.reveal()).await,
        Err(Error::SetupClosed)
    ));
}
