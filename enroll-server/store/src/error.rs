//! What can go wrong in the store.

use std::path::PathBuf;

use enroll_server_files::FileError;

use crate::nature::Nature;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database that the server knows.
    #[error("the database URL must begin with sqlite: or postgres:, not {0:?}")]
    UnknownDatabase(String),
    /// The address has a parameter that means nothing.
    #[error("the database URL has an unknown parameter {0:?}")]
    UnknownParameter(String),
    /// There is no database to read.
    #[error(
        "there is no database at {}; are --data and --database right?",
        _0.display()
    )]
    NotThere(PathBuf),
    /// PostgreSQL cannot be reached, or lets nobody in.
    #[error("no connection to {place}: {source}{advice}")]
    NoConnection {
        /// Where: host, port and database.
        place: String,
        /// What was said.
        source: sqlx::Error,
        /// What to look at, as the end of a sentence; empty if that is not known.
        advice: &'static str,
    },
    /// What was prepared on one connection came to another, or was there already: a pooler gives each transaction another
    /// connection.
    #[error(
        "a pooler before PostgreSQL gives each transaction another connection, and does not keep prepared statements apart \
         ({0}): set pool_mode = session, or, in pgbouncer 1.21 or later, max_prepared_statements = 200"
    )]
    Pooler(sqlx::Error),
    /// The database said no.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// The database did not say in time whether a change was made.
    #[error(
        "the database gave no answer in time; what was to be changed may be changed all the same"
    )]
    NoAnswer,
    /// What the database holds is damaged.
    #[error(
        "the database is damaged: {0}; stop the server, keep the damaged files, and restore the newest backup \
         (see enroll-server restore --help)"
    )]
    Damaged(sqlx::Error),
    /// There is no space.
    #[error("there is no space on the database's disk: {0}")]
    Full(sqlx::Error),
    /// The database's file cannot be made, read or written.
    #[error("the database cannot be used: {0}")]
    File(#[from] FileError),
    /// The schema is of a version after this program's.
    #[error(
        "the database's tables are of a later version than this program: start that version, or restore a backup from before it"
    )]
    NewerTables,
    /// The schema is of a version before this program's.
    #[error(
        "the database's tables are of an earlier version than this program: start the server of this version first, which \
         brings them up to date"
    )]
    OlderTables,
    /// The schema could not be brought up to date, since another session holds a table.
    #[error(
        "the database's tables could not be brought up to date, and are as they were: another session holds one of them, \
         perhaps a backup that is being made ({0}); start the server again when it has ended"
    )]
    TablesInUse(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// The task that did the work ended before it answered.
    #[error("the work on the database was broken off")]
    Task(#[from] tokio::sync::oneshot::error::RecvError),
    /// A column does not hold what it should.
    #[error("the database's column {column} cannot be read: {source}")]
    Unreadable {
        /// Which column.
        column: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is stored is not what was once put there.
    #[error("what the database holds makes no sense: {0}")]
    Corrupt(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, source } => Self::Unreadable {
                column: index.trim_matches('"').to_owned(),
                source,
            },
            other if is_of_pooler(&other) => Self::Pooler(other),
            other => match Nature::of(&other) {
                Nature::Damaged => Self::Damaged(other),
                Nature::Full => Self::Full(other),
                _ => Self::Database(other),
            },
        }
    }
}

/// duplicate_prepared_statement, invalid_sql_statement_name: the driver never has two of one name on a connection, and uses
/// none that it has not prepared.
fn is_of_pooler(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("42P05" | "26000"))
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(_) => Self::NewerTables,
            sqlx::migrate::MigrateError::Execute(error)
            | sqlx::migrate::MigrateError::ExecuteMigration(error, _)
                if is_of_pooler(&error)
                    || matches!(Nature::of(&error), Nature::Damaged | Nature::Full) =>
            {
                error.into()
            }
            other => Self::Migration(other),
        }
    }
}

impl StoreError {
    /// Whether a row was refused because one with the same unique value is there.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether a table is not there that every version of the server has.
    #[must_use]
    pub fn is_missing_table(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // SQLite has no code of its own for it. 42P01 is PostgreSQL's undefined_table.
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    }

    /// What the error means for whoever asked.
    #[must_use]
    pub fn nature(&self) -> Nature {
        match self {
            Self::Database(source)
            | Self::Pooler(source)
            | Self::TablesInUse(source)
            | Self::NoConnection { source, .. } => Nature::of(source),
            Self::Damaged(_) => Nature::Damaged,
            Self::Full(_) => Nature::Full,
            Self::NoAnswer => Nature::Busy,
            Self::UnknownDatabase(_)
            | Self::UnknownParameter(_)
            | Self::NotThere(_)
            | Self::File(_)
            | Self::Migration(_)
            | Self::Task(_)
            | Self::Unreadable { .. }
            | Self::NewerTables
            | Self::OlderTables
            | Self::Corrupt(_) => Nature::Fault,
        }
    }
}

/// The error of whoever works in a transaction: it tells the store's own errors from refusals.
pub trait WorkError: From<StoreError> {
    /// The store's error, if it is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl WorkError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Result of a store function.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
