//! The schema: how it is brought up to date, and whether it is.

use std::time::{Duration, Instant};

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::error::{Result, StoreError};
use crate::kind::Kind;
use crate::nature::Nature;
use crate::pool::{Preparation, first};
use crate::sqlite;

static SQLITE: Migrator = sqlx_macros::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx_macros::migrate!("../../migrations/postgres");

/// Whoever wants a table that a migration waits for waits behind it, the servers that still run too: it waits less long than
/// their requests do, and tries again.
const SHORT_LOCKS: Preparation = &["SET lock_timeout = '300ms'"];
/// After how long it is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// For how long it is tried. Whoever makes a copy of the database holds its tables for longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn of(kind: Kind) -> (&'static Migrator, Preparation) {
    match kind {
        Kind::Sqlite => (&SQLITE, sqlite::WRITES),
        Kind::Postgres => (&POSTGRES, SHORT_LOCKS),
    }
}

/// Brings the tables up to date.
///
/// # Errors
/// [`StoreError::TablesInUse`] if another session holds one for long, [`StoreError::NewerTables`], or why it cannot be done.
/// Nothing is changed by halves.
pub(crate) async fn bring_up_to_date(kind: Kind, options: &AnyConnectOptions) -> Result<()> {
    let (migrations, preparation) = of(kind);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut connection = first(preparation, options).await?;
        let outcome = migrations.run(&mut connection).await;
        // What was not committed, and the lock among servers that do the same, end with the connection.
        let closed = connection.close().await;
        match outcome {
            Ok(()) => return Ok(closed?),
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
                if Nature::of(&error) == Nature::Busy =>
            {
                if Instant::now() >= deadline {
                    return Err(StoreError::TablesInUse(error));
                }
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes sure that the tables are those of this program, and changes nothing.
///
/// # Errors
/// [`StoreError::OlderTables`] or [`StoreError::NewerTables`].
pub(crate) async fn check(kind: Kind, mut connection: AnyConnection) -> Result<()> {
    let (migrations, _) = of(kind);
    let ours = migrations.iter().map(|migration| migration.version).max();
    let row = sqlx::query("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await?;
    let theirs: Option<i64> = row.try_get(0)?;
    connection.close().await?;
    if theirs < ours {
        Err(StoreError::OlderTables)
    } else if theirs > ours {
        Err(StoreError::NewerTables)
    } else {
        Ok(())
    }
}
