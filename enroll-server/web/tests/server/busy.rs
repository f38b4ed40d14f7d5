//! A database that others use: a lock that is held, a second server, a file that is not what it should be.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sqlx::{AnyConnection, Connection as _};

use enroll_server::server::ServeError;
use enroll_server::status::HttpError as _;
use enroll_server_model::clock::SystemClock;
use enroll_server_service::administration::Administration;
use enroll_server_service::audit::{Verdict, verify_database};
use enroll_server_service::error::Error;
use enroll_server_service::lock::LockError;
use enroll_server_service::rate_limit;
use enroll_server_service::start::StartError;
use enroll_server_store::{Kind, Nature, Store, StoreError, holder};

use crate::fixture::{self, Fixture};
use crate::people;

/// Two seconds, and what a busy machine adds.
const AT_ONCE: Duration = Duration::from_secs(4);

#[test]
fn a_lock_that_another_program_holds_is_not_waited_for() {
    fixture::run(Kind::Sqlite, locked);
}

async fn locked(fixture: Fixture) {
    let url = fixture.options.storage.database_url();
    let mut other = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let begun = Instant::now();
    let take = || rate_limit::take(fixture.app(), "bucket", rate_limit::UNKNOWN_TOKEN);
    let (one, two) = tokio::join!(take(), take());
    for refused in [one, two] {
        let error = refused.unwrap_err();
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE, "{error}");
        assert!(error.retry_after().is_some());
    }
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    take().await.unwrap();
}

#[test]
fn a_table_that_an_operator_has_locked_is_not_waited_for() {
    fixture::run(Kind::Postgres, locked_table);
}

async fn locked_table(fixture: Fixture) {
    let url = fixture.options.storage.database_url();
    let mut operator = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE holders IN ACCESS EXCLUSIVE MODE")
        .execute(&mut operator)
        .await
        .unwrap();
    let begun = Instant::now();
    let read = holder::by_id(fixture.store.reader(), "h0");
    let write = fixture
        .store
        .write(|tx| Box::pin(async move { holder::insert(tx, &people::person(0)).await }));
    let (read, write) = tokio::join!(read, write);
    for refused in [read.map(drop), write] {
        let error = refused.unwrap_err();
        assert_eq!(error.nature(), Nature::Busy, "{error}");
    }
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    operator.close().await.unwrap();
}

/// Longer than a request waits for a connection and for a lock together.
const LONGER: Duration = Duration::from_millis(2500);

#[tokio::test]
async fn a_start_waits_longer_for_a_lock_than_a_request() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/new.db", folder.path().display());
    // Not yet with a write-ahead log: whoever has it locked keeps all others out.
    let mut other = AnyConnection::connect(&format!("{url}?mode=rwc"))
        .await
        .unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE")
        .execute(&mut other)
        .await
        .unwrap();
    let mut opening = std::pin::pin!(Store::open(&url));
    let early = tokio::time::timeout(LONGER, &mut opening).await;
    assert!(early.is_err(), "{early:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    opening.await.unwrap().close().await;
}

/// Whoever closes the last connection takes the write-ahead log away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_opened_while_others_close_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder, "x.db");
    Store::open(&url).await.unwrap().close().await;
    let over_and_over = || {
        let url = url.clone();
        tokio::spawn(async move {
            for _ in 0..200 {
                let store = Store::open_as_it_is(&url).await.unwrap();
                holder::by_id(store.reader(), "h0").await.unwrap();
                store.close().await;
            }
        })
    };
    let (one, two) = tokio::join!(over_and_over(), over_and_over());
    one.unwrap();
    two.unwrap();
}

#[test]
fn a_second_server_on_one_file_is_refused_whatever_its_folder() {
    fixture::run(Kind::Sqlite, second);
}

async fn second(fixture: Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link.db");
    let file = Store::file_of(&fixture.options.storage.database_url())
        .unwrap()
        .unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&file, &link] {
        let mut options = fixture.options.clone();
        options.storage.data = folder.path().join("data");
        let path = path.display().to_string().replace('%', "%25");
        let path = path.replace('?', "%3F").replace('#', "%23");
        options.storage.database = Some(format!("sqlite:{path}").into());
        let refused = fixture::start(&options, &fixture.clock)
            .await
            .err()
            .unwrap();
        assert!(
            matches!(
                &refused,
                ServeError::Start(StartError::Lock(LockError::Database(_)))
            ),
            "{refused}"
        );
    }
}

/// The URL of a file in a folder.
fn url(folder: &tempfile::TempDir, name: &str) -> String {
    format!("sqlite:{}", folder.path().join(name).display())
}

#[tokio::test]
async fn what_only_reads_makes_no_database_and_brings_none_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let absent = verify_database(&url(&folder, "absent.db")).await;
    assert!(matches!(absent, Err(Error::Store(StoreError::NotThere(_)))));
    assert!(!folder.path().join("absent.db").exists());

    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let found = verify_database(&url(&folder, "empty.db")).await;
    assert!(matches!(found, Err(Error::NoInstallation)), "{found:?}");
    let clock = std::sync::Arc::new(SystemClock);
    for opened in [
        Administration::open_to_read(&url(&folder, "empty.db"), clock.clone(), "root").await,
        Administration::open(&url(&folder, "empty.db"), clock, "root").await,
    ] {
        let error = opened.err().unwrap();
        assert!(
            error.to_string().contains("no enrollment server"),
            "{error}"
        );
    }
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0);
}

#[test]
fn the_audit_trail_is_checked_beside_a_server_that_runs() {
    fixture::run(Kind::Sqlite, beside);
}

async fn beside(fixture: Fixture) {
    let verdict = verify_database(&fixture.options.storage.database_url()).await;
    assert!(matches!(verdict, Ok(Verdict::Whole(1..))), "{verdict:?}");
}

#[tokio::test]
async fn a_file_that_is_damaged_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.db"), vec![b'x'; 8192]).unwrap();
    let error = Store::open(&url(&folder, "x.db")).await.err().unwrap();
    assert_eq!(error.nature(), Nature::Damaged);
    assert!(error.to_string().starts_with("the database is damaged"));
}

/// As when another file is copied over it: whoever asks then finds no connection, and is told why.
#[tokio::test]
async fn a_file_that_is_damaged_after_the_start_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&folder, "x.db")).await.unwrap();
    std::fs::write(folder.path().join("x.db"), vec![b'x'; 8192]).unwrap();
    let read = holder::by_id(store.reader(), "h0").await.map(drop);
    let write = store
        .write(|tx| Box::pin(async move { holder::insert(tx, &people::person(0)).await }))
        .await;
    for outcome in [read, write] {
        let error = outcome.unwrap_err();
        assert_eq!(error.nature(), Nature::Damaged, "{error}");
    }
}
