//! The schema: how it is brought up to date, and whether it is.

use std::time::{Duration, Instant};

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, Row as _, SqlStr};

use crate::error::{Result, StoreError};
use crate::kind::Kind;
use crate::nature::Nature;
use crate::pool::{Preparation, first};
use crate::sqlite;

/// A migration in one dialect.
struct Script {
    version: i64,
    /// As its file is called, without the number.
    name: &'static str,
    sql: &'static str,
}

/// The migrations by number and name, each a file of this name in both folders.
macro_rules! migrations {
    ($($number:literal $name:literal,)+) => {
        const SQLITE: &[Script] = &[$(migrations!("sqlite", $number, $name)),+];
        const POSTGRES: &[Script] = &[$(migrations!("postgres", $number, $name)),+];
    };
    ($dialect:literal, $number:literal, $name:literal) => {
        Script {
            version: match i64::from_str_radix($number, 10) {
                Ok(version) => version,
                Err(_) => panic!("a migration's number is not one"),
            },
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $dialect, "/", $number, "_", $name, ".sql")),
        }
    };
}

migrations! {
    "0001" "first",
    "0002" "authorities_and_profiles",
    "0003" "policies_of_invitations",
    "0004" "issuers_of_profiles",
    "0005" "notice_of_a_session",
    "0006" "write_probe",
    "0007" "lists_by_index",
    "0009" "latest_event",
    "0011" "known_browsers",
    "0012" "one_card_is_one_phone",
    "0013" "own_certificates",
    "0014" "searchable_signs",
    "0015" "holders_mail",
    "0016" "totals",
    "0017" "ending_invitations",
    "0018" "suspension",
    "0019" "roles",
    "0020" "colleagues",
    "0021" "sorted_lists",
    "0022" "check_in",
    "0023" "outbox",
    "0024" "second_factor",
    "0025" "language_of_an_account",
    "0026" "mail",
    "0027" "holders_own_pages",
    "0028" "language_of_a_holder",
    "0029" "api",
    "0030" "until_and_last_seen",
    "0031" "requests",
    "0032" "replaced_phones",
    "0033" "pin_unblocking",
    "0034" "passkeys",
}

/// Whoever wants a table that a migration waits for waits behind it, the servers that still run too: it waits less long than
/// their requests do, and tries again.
const SHORT_LOCKS: Preparation = &["SET lock_timeout = '300ms'"];
/// After how long it is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// For how long it is tried. Whoever makes a copy of the database holds its tables for longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn of(kind: Kind) -> (&'static [Script], Preparation) {
    match kind {
        Kind::Sqlite => (SQLITE, sqlite::WRITES),
        Kind::Postgres => (POSTGRES, SHORT_LOCKS),
    }
}

fn migrator(scripts: &'static [Script]) -> Migrator {
    let migration = |script: &Script| {
        Migration::new(
            script.version,
            script.name.replace('_', " ").into(),
            MigrationType::Simple,
            SqlStr::from_static(script.sql),
            false,
        )
    };
    Migrator::with_migrations(scripts.iter().map(migration).collect())
}

/// Brings the tables up to date.
///
/// # Errors
/// [`StoreError::TablesInUse`] if another session holds one for long, [`StoreError::NewerTables`], or why it cannot be done.
/// Nothing is changed by halves.
pub(crate) async fn bring_up_to_date(kind: Kind, options: &AnyConnectOptions) -> Result<()> {
    let (scripts, preparation) = of(kind);
    let migrations = migrator(scripts);
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
    let (scripts, _) = of(kind);
    let ours = scripts.iter().map(|script| script.version).max();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_a_migration_is_run_on_its_database() {
        for (folder, scripts) in [("sqlite", SQLITE), ("postgres", POSTGRES)] {
            let folder = Path::new("../../migrations").join(folder);
            let files: BTreeSet<String> = folder
                .read_dir()
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            let run: BTreeSet<String> = scripts
                .iter()
                .map(|script| format!("{:04}_{}.sql", script.version, script.name))
                .collect();
            assert_eq!(run, files);
            // Each is run in a transaction, whatever it says of itself.
            for script in scripts {
                assert!(
                    !script.sql.starts_with("-- no-transaction"),
                    "{}",
                    script.name
                );
            }
        }
    }
}
