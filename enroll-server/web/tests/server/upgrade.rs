//! A new version comes while others are at work on the same database.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _, Row as _};

use enroll_server_model::clock::SystemClock;
use enroll_server_model::{SeededPolicy, Timestamp};
use enroll_server_service::administration::Administration;
use enroll_server_store::overview;
use enroll_server_store::{Kind, Store, StoreError};

use crate::counts::counts;
use crate::fixture::{self, Fixture};
use crate::on_both;

on_both!(what_works_beside_a_server_leaves_the_tables_as_they_are);

/// PostgreSQL's tables as version 15 had them.
const BACK_TO_15: &str = include_str!("back_to_15.sql");

/// A connection past the server, as `psql` has one.
async fn connect(url: &str) -> AnyConnection {
    AnyConnection::connect(url).await.unwrap()
}

async fn execute(on: &mut AnyConnection, script: &'static str) {
    sqlx::raw_sql(script).execute(on).await.unwrap();
}

async fn count(on: &mut AnyConnection, question: &'static str) -> i64 {
    sqlx::query(question).fetch_one(on).await.unwrap().get(0)
}

async fn version(on: &mut AnyConnection) -> i64 {
    count(on, "SELECT MAX(version) FROM _sqlx_migrations").await
}

async fn counted_holders(store: &Store) -> i64 {
    counts(store, Timestamp(1)).await.holders
}

const ADD_HOLDER: &str = "INSERT INTO holders (id, name, email, upn, username, created, search) \
     SELECT id, 'Zoe', id, id, id, 1, '' FROM (SELECT gen_random_uuid()::text AS id) AS new";

#[test]
fn what_earlier_servers_add_while_the_tables_change_is_counted_once() {
    fixture::run(Kind::Postgres, async |mut fixture| {
        fixture.enroll(SeededPolicy::Compact).await;
        fixture.stop();
        let url = fixture.options.storage.database_url();
        let mut connection = connect(&url).await;
        execute(&mut connection, BACK_TO_15).await;
        let mut workers = Vec::new();
        for _ in 0..4 {
            let mut connection = connect(&url).await;
            workers.push(tokio::spawn(async move {
                let mut added = 0;
                // Until the change is there, and a little longer.
                while version(&mut connection).await < 34 {
                    execute(&mut connection, ADD_HOLDER).await;
                    added += 1;
                }
                for _ in 0..20 {
                    execute(&mut connection, ADD_HOLDER).await;
                }
                added
            }));
        }
        let store = Store::open(&url).await.unwrap();
        let mut meanwhile = 0;
        for worker in workers {
            meanwhile += worker.await.unwrap();
        }
        assert!(meanwhile > 0);
        let there = count(&mut connection, "SELECT COUNT(*) FROM holders").await;
        assert_eq!(counted_holders(&store).await, there);
    });
}

#[test]
fn several_servers_make_the_changes_few_at_once_and_lose_none() {
    fixture::run(Kind::Postgres, async |fixture| {
        let url = fixture.options.storage.database_url();
        let mut workers = Vec::new();
        for number in 0..4 {
            let store = Store::open(&url).await.unwrap();
            let mut connection = connect(&url).await;
            workers.push(tokio::spawn(async move {
                for round in 0..25 {
                    execute(&mut connection, ADD_HOLDER).await;
                    let batch = format!("{number}-{round}");
                    store
                        .write::<_, StoreError, _>(move |tx| {
                            Box::pin(async move { overview::fold(tx, &batch, 1).await })
                        })
                        .await
                        .unwrap();
                }
            }));
        }
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(counted_holders(&fixture.store).await, 100);
    });
}

#[test]
fn a_table_that_a_backup_holds_keeps_nobody_else_waiting() {
    fixture::run(Kind::Postgres, async |mut fixture| {
        fixture.stop();
        let url = fixture.options.storage.database_url();
        let mut backup = connect(&url).await;
        execute(&mut backup, BACK_TO_15).await;
        execute(
            &mut backup,
            "BEGIN; LOCK TABLE invitations IN ACCESS SHARE MODE",
        )
        .await;
        let mut earlier = connect(&url).await;
        // As patient as a server's requests are.
        execute(&mut earlier, "SET lock_timeout = '1500ms'").await;
        let has_started = Cell::new(false);
        let start = async {
            Store::open(&url).await.unwrap();
            has_started.set(true);
        };
        let meanwhile = async {
            // For as long as the change meets the lock once at least.
            for _ in 0..40 {
                count(&mut earlier, "SELECT COUNT(*) FROM invitations").await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert!(!has_started.get());
            execute(&mut backup, "ROLLBACK").await;
        };
        tokio::join!(start, meanwhile);
        assert_eq!(version(&mut earlier).await, 34);
    });
}

async fn what_works_beside_a_server_leaves_the_tables_as_they_are(mut fixture: Fixture) {
    fixture.stop();
    let url = fixture.options.storage.database_url();
    let mut connection = connect(&url).await;
    let open = async || {
        let clock = Arc::new(SystemClock);
        Administration::open(&url, clock, "root").await.err()
    };
    assert!(open().await.is_none());
    execute(
        &mut connection,
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 34",
    )
    .await;
    let later = open().await.unwrap().to_string();
    assert!(later.contains("a later version"), "{later}");
    let started = Store::open(&url).await.err().unwrap();
    assert!(matches!(started, StoreError::NewerTables), "{started}");
    execute(
        &mut connection,
        "DELETE FROM _sqlx_migrations WHERE version = 9999",
    )
    .await;
    let earlier = open().await.unwrap().to_string();
    assert!(earlier.contains("an earlier version"), "{earlier}");
    assert_eq!(version(&mut connection).await, 33);
}
