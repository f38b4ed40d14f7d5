//! What can go wrong in the store.

use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database that the server knows.
    #[error("the database URL must begin with sqlite: or postgres:, not {0:?}")]
    UnknownDatabase(String),
    /// The database said no.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// The database's file could not be made.
    #[error("the database {} could not be made: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The task that did the work ended before it answered.
    #[error("the work on the database was broken off: {0}")]
    Task(#[from] tokio::task::JoinError),
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
            other => Self::Database(other),
        }
    }
}

impl StoreError {
    /// Whether a row was refused because one with the same unique value is there.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// Result of a store function.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
