//! Why there is no backup, or nothing was restored.

use std::io;
use std::path::PathBuf;

use enroll_server_files::FileError;
use enroll_server_store::{Nature, StoreError};

use crate::error::Error;
use crate::lock::LockError;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder is not empty.
    #[error("{} is not empty: give a folder that is not there yet", _0.display())]
    NotEmpty(PathBuf),
    /// The data folder has something in it already.
    #[error(
        "{} has data in it: --force moves it into a folder beside it and restores all the same",
        _0.display()
    )]
    DataThere(PathBuf),
    /// The folder is not a data folder.
    #[error("{} has no folder authority/: is --data right?", _0.display())]
    NoData(PathBuf),
    /// The folder is not a backup.
    #[error("{} is not a backup: it has no {missing}", path.display())]
    NotABackup {
        /// Which folder.
        path: PathBuf,
        /// What it does not have.
        missing: &'static str,
    },
    /// The backup has a database of the other kind.
    #[error(
        "{} has a SQLite database in it, and --database names PostgreSQL: restore it without --database, or name another \
         backup",
        _0.display()
    )]
    OtherDatabase(PathBuf),
    /// The backup would be a part of what it is a copy of.
    #[error(
        "{} lies in {}: the backup and the data must be apart; nothing was touched",
        inner.display(),
        outer.display()
    )]
    Nested {
        /// What is inside.
        inner: PathBuf,
        /// What is around it.
        outer: PathBuf,
    },
    /// There is no space for the copy.
    #[error(
        "there is no space in {}: about {} kB are needed, {} kB are free. What was there is as it was, and what had been copied is removed",
        folder.display(),
        needed.div_ceil(1000),
        available / 1000
    )]
    NoSpace {
        /// Where.
        folder: PathBuf,
        /// How much, in bytes.
        needed: u64,
        /// How much there is without what was copied, in bytes.
        available: u64,
    },
    /// Folders lie in each other deeper than those of an installation do.
    #[error("{} lies too deep: what is in it is not of an installation, and is to be moved elsewhere first", _0.display())]
    Deep(PathBuf),
    /// A folder was never the same at the beginning and at the end of its copy.
    #[error("{} is replaced again and again: it cannot be copied", _0.display())]
    Changing(PathBuf),
    /// An earlier restore was interrupted while it put things in place.
    #[error(
        "a restore of {} was interrupted while it put the backup in place: run `enroll-server restore --force` again, \
         or start the server, which completes it",
        _0.display()
    )]
    Interrupted(PathBuf),
    /// An earlier restore cannot be completed.
    #[error(
        "a restore was interrupted and cannot be completed: {} is missing; restore the backup again into another folder",
        _0.display()
    )]
    NotToComplete(PathBuf),
    /// The list of an earlier restore names what no restore moves.
    #[error(
        "{} names {}, which no restore moves: nothing was moved. Look who has written it; then remove the folder that it \
         is in, and restore the backup again",
        list.display(),
        path.display()
    )]
    StrangeRename {
        /// The list.
        list: PathBuf,
        /// What it names.
        path: PathBuf,
    },
    /// The database of the backup cannot be used.
    #[error("the database of the backup, {}, cannot be used: {source}", path.display())]
    Database {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<BackupError>,
    },
    /// The audit trail of the copy is not whole.
    #[error("the audit trail of the copy is broken at event {0}")]
    Broken(i64),
    /// A server is at work.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file could not be copied.
    #[error("{} cannot be copied to {to}", from.display())]
    Copy {
        /// Which.
        from: PathBuf,
        /// Where to, and why not.
        to: FileError,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A service.
    #[error(transparent)]
    Service(#[from] Error),
}

impl BackupError {
    /// Whether it is for want of space.
    pub(super) fn is_of_space(&self) -> bool {
        match self {
            Self::File(error) | Self::Copy { to: error, .. } => matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            ),
            Self::Store(error) => error.nature() == Nature::Full,
            Self::Service(Error::Store(error) | Error::Unavailable(error)) => {
                error.nature() == Nature::Full
            }
            Self::Database { source, .. } => source.is_of_space(),
            _ => false,
        }
    }
}

pub(super) type Result<T, E = BackupError> = std::result::Result<T, E>;
