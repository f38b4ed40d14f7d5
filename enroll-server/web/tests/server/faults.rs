//! Faults of the database: what one transaction or one connection suffers, the next does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::sync::Barrier;

use enroll_server_model::Timestamp;
use enroll_server_store::listing::{EventFilter, Span};
use enroll_server_store::{
    Kind, Nature, Store, StoreError, administrator, certificate, holder, invitation, issuer,
    listing, phone, revocation, session,
};

use crate::fixture::Fixture;
use crate::on_both;
use crate::people::{holders, person};

on_both!(
    a_transaction_that_ended_by_itself_is_not_the_end_of_writing,
    a_panic_in_a_transaction_is_not_the_end_of_writing,
    a_column_is_added_under_load,
);

async fn add(store: &Store, n: usize) -> Result<(), StoreError> {
    store
        .write(move |tx| Box::pin(async move { holder::insert(tx, &person(n)).await }))
        .await
}

/// A statement as an operator types it, on a connection of their own.
async fn operator(fixture: &Fixture, statement: &'static str) {
    let mut connection = AnyConnection::connect(&fixture.options.storage.database_url())
        .await
        .unwrap();
    sqlx::raw_sql(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// As SQLite does it when the disk is full.
async fn a_transaction_that_ended_by_itself_is_not_the_end_of_writing(fixture: Fixture) {
    let store = &fixture.store;
    for _ in 0..3 {
        let ended: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    holder::insert(tx, &person(1)).await?;
                    sqlx::raw_sql("ROLLBACK").execute(tx.reader()).await?;
                    Err(StoreError::Corrupt("for this test".to_owned()))
                })
            })
            .await;
        ended.unwrap_err();
    }
    assert_eq!(holders(store).await.unwrap(), 0);
    add(store, 2).await.unwrap();
    assert_eq!(holders(store).await.unwrap(), 1);
}

async fn a_panic_in_a_transaction_is_not_the_end_of_writing(fixture: Fixture) {
    let store = &fixture.store;
    let broken: Result<(), StoreError> = store
        .write(|tx| {
            Box::pin(async move {
                holder::insert(tx, &person(1)).await?;
                panic!("for this test")
            })
        })
        .await;
    assert!(matches!(broken, Err(StoreError::Task(_))));
    add(store, 2).await.unwrap();
    assert_eq!(holders(store).await.unwrap(), 1);
}

/// Statements on each table that a later version adds a column to.
async fn read_all(store: &Store, holder: &str) -> Result<(), StoreError> {
    let on = store.reader();
    let now = Timestamp(1);
    holder::by_id(on, holder).await?;
    administrator::all(on, now, now).await?;
    listing::events(on, &EventFilter::default(), true, Span::first(5)).await?;
    certificate::of_phone(on, "x").await?;
    invitation::of_holder(on, holder).await?;
    issuer::all(on).await?;
    phone::of_holder(on, holder).await?;
    revocation::of(on, "x", "4a").await?;
    session::by_token_hash(on, "x").await?;
    Ok(())
}

/// An upgrade of another server of the same database.
async fn a_column_is_added_under_load(fixture: Fixture) {
    const TABLES: [&str; 9] = [
        "ALTER TABLE administrators ADD COLUMN later TEXT",
        "ALTER TABLE audit_events ADD COLUMN later TEXT",
        "ALTER TABLE certificates ADD COLUMN later TEXT",
        "ALTER TABLE holders ADD COLUMN later TEXT",
        "ALTER TABLE invitations ADD COLUMN later TEXT",
        "ALTER TABLE issuers ADD COLUMN later TEXT",
        "ALTER TABLE phones ADD COLUMN later TEXT",
        "ALTER TABLE revocations ADD COLUMN later TEXT",
        "ALTER TABLE sessions ADD COLUMN later TEXT",
    ];
    let store = fixture.store.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let load: Vec<_> = (0..4)
        .map(|worker| {
            let (store, stop, done) = (store.clone(), stop.clone(), done.clone());
            tokio::spawn(async move {
                let mut n = worker * 1_000_000;
                while !stop.load(Ordering::Relaxed) {
                    n += 1;
                    add(&store, n).await?;
                    holders(&store).await?;
                    read_all(&store, &format!("h{n}")).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for statement in TABLES {
        // Every worker has prepared its statements on the tables as they were before.
        let before = done.load(Ordering::Relaxed);
        while done.load(Ordering::Relaxed) < before + 8 && !load.iter().any(|one| one.is_finished())
        {
            tokio::task::yield_now().await;
        }
        operator(&fixture, statement).await;
    }
    stop.store(true, Ordering::Relaxed);
    for worker in load {
        worker.await.unwrap().unwrap();
    }
}

/// "cached plan must not change result type".
#[test]
fn a_statement_whose_table_changed_is_tried_again() {
    crate::fixture::run(Kind::Postgres, changed_table);
}

async fn changed_table(fixture: Fixture) {
    const ALL: &str = "SELECT * FROM extra";
    let store = &fixture.store;
    operator(
        &fixture,
        "CREATE TABLE extra (a TEXT); INSERT INTO extra VALUES ('a')",
    )
    .await;
    let read = async || {
        let row = sqlx::query(ALL).fetch_one(store.reader()).await.unwrap();
        row.len()
    };
    let write = async || {
        let columns: Result<usize, StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    let row = sqlx::query(ALL).fetch_one(tx.reader()).await?;
                    Ok(row.len())
                })
            })
            .await;
        columns.unwrap()
    };
    // Often enough that every connection has prepared the statement.
    for _ in 0..20 {
        assert_eq!((read().await, write().await), (1, 1));
    }
    operator(&fixture, "ALTER TABLE extra ADD COLUMN b TEXT").await;
    for _ in 0..20 {
        assert_eq!((write().await, read().await), (2, 2));
    }
}

#[test]
fn a_deadlock_is_tried_again() {
    crate::fixture::run(Kind::Postgres, deadlock);
}

async fn deadlock(fixture: Fixture) {
    let store = &fixture.store;
    for n in 0..2 {
        add(store, n).await.unwrap();
    }
    let tries = Arc::new(AtomicUsize::new(0));
    let both_have_one = Arc::new(Barrier::new(2));
    let touch = |first: &'static str, second: &'static str| {
        let (store, tries) = (store.clone(), tries.clone());
        let both_have_one = both_have_one.clone();
        async move {
            store
                .write::<_, StoreError, _>(move |tx| {
                    Box::pin(async move {
                        const TOUCH: &str = "UPDATE holders SET name = name WHERE id = $1";
                        let again = tries.fetch_add(1, Ordering::SeqCst) >= 2;
                        sqlx::query(TOUCH).bind(first).execute(tx.reader()).await?;
                        if !again {
                            both_have_one.wait().await;
                        }
                        sqlx::query(TOUCH).bind(second).execute(tx.reader()).await?;
                        Ok(())
                    })
                })
                .await
        }
    };
    let (one, other) = tokio::join!(touch("h0", "h1"), touch("h1", "h0"));
    one.unwrap();
    other.unwrap();
    let tries = tries.load(Ordering::SeqCst);
    assert!(tries >= 3, "one was undone and tried again: {tries}");
}

#[test]
fn a_conflict_is_tried_again() {
    crate::fixture::run(Kind::Postgres, conflict);
}

/// "could not serialize access due to concurrent update"
async fn conflict(fixture: Fixture) {
    let store = &fixture.store;
    add(store, 0).await.unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let both_have_read = Arc::new(Barrier::new(2));
    let change = || {
        let (store, tries) = (store.clone(), tries.clone());
        let both_have_read = both_have_read.clone();
        async move {
            store
                .write::<_, StoreError, _>(move |tx| {
                    Box::pin(async move {
                        const LEVEL: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
                        const TOUCH: &str = "UPDATE holders SET name = name WHERE id = 'h0'";
                        let again = tries.fetch_add(1, Ordering::SeqCst) >= 2;
                        sqlx::query(LEVEL).execute(tx.reader()).await?;
                        holder::by_id(tx.reader(), "h0").await?;
                        if !again {
                            both_have_read.wait().await;
                        }
                        sqlx::query(TOUCH).execute(tx.reader()).await?;
                        Ok(())
                    })
                })
                .await
        }
    };
    let (one, other) = tokio::join!(change(), change());
    one.unwrap();
    other.unwrap();
    let tries = tries.load(Ordering::SeqCst);
    assert!(tries >= 3, "one was undone and tried again: {tries}");
}

#[test]
fn what_is_undone_again_and_again_is_tried_again_and_given_up_at_last() {
    crate::fixture::run(Kind::Postgres, undone);
}

async fn undone(fixture: Fixture) {
    let store = &fixture.store;
    for (times, stored) in [(4, true), (5, false)] {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = tries.clone();
        let outcome = store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    const UNDONE: &str =
                        "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$";
                    holder::insert(tx, &person(times)).await?;
                    if counted.fetch_add(1, Ordering::SeqCst) < times {
                        sqlx::raw_sql(UNDONE).execute(tx.reader()).await?;
                    }
                    Ok(())
                })
            })
            .await;
        assert_eq!(outcome.is_ok(), stored, "{outcome:?}");
        assert_eq!(tries.load(Ordering::SeqCst), 5);
    }
    assert_eq!(holders(store).await.unwrap(), 1);
}

#[test]
fn a_connection_that_is_lost_is_replaced() {
    crate::fixture::run(Kind::Postgres, lost_connections);
}

async fn lost_connections(fixture: Fixture) {
    let store = &fixture.store;
    add(store, 1).await.unwrap();
    let lost: Result<(), StoreError> = store
        .write(|tx| {
            Box::pin(async move {
                holder::insert(tx, &person(2)).await?;
                sqlx::query("SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS TEXT)")
                    .execute(tx.reader())
                    .await?;
                Ok(())
            })
        })
        .await;
    assert_eq!(lost.unwrap_err().nature(), Nature::Disconnected);
    assert_eq!(holders(store).await.unwrap(), 1);
    add(store, 3).await.unwrap();
    // Every other connection, while it lies idle.
    for _ in 0..3 {
        for _ in 0..20 {
            let row = sqlx::query("SELECT pg_backend_pid()")
                .fetch_one(store.reader())
                .await
                .unwrap();
            let number: i32 = row.try_get(0).unwrap();
            let mut connection = AnyConnection::connect(&fixture.options.storage.database_url())
                .await
                .unwrap();
            sqlx::query("SELECT CAST(pg_terminate_backend($1) AS TEXT)")
                .bind(number)
                .execute(&mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();
        }
        assert_eq!(holders(store).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_not_the_end_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("x.db").display());
    let store = Store::open(&url).await.unwrap();
    for round in 1..=2 {
        let failed: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    sqlx::raw_sql(
                        "PRAGMA defer_foreign_keys = ON; \
                         INSERT INTO cards (guid, holder_id) VALUES ('g', 'nobody')",
                    )
                    .execute(tx.reader())
                    .await?;
                    Ok(())
                })
            })
            .await;
        let failed = failed.unwrap_err().to_string();
        assert!(failed.contains("FOREIGN KEY"), "{failed}");
        // The very next one: a failure in between would have the connection closed.
        add(&store, round).await.unwrap();
        assert_eq!(holders(&store).await.unwrap(), round);
    }
    store.close().await;
}
