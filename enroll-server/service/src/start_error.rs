//! Why the server could not start.

use std::path::PathBuf;

use enroll_server_ca::error::CaError;
use enroll_server_files::FileError;
use enroll_server_store::StoreError;

use crate::backup::BackupError;
use crate::error::Error;
use crate::lock::LockError;
use crate::out_of_step::OutOfStep;
use crate::refusal::ClockDoubt;

/// Why it could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another server is at work on the same data.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A restore was interrupted and cannot be completed.
    #[error(transparent)]
    Restore(#[from] BackupError),
    /// The first start would make authorities by a clock that cannot be right.
    #[error("no authority is made yet: {0}")]
    Clock(ClockDoubt),
    /// The database is older than the authorities.
    #[error(transparent)]
    OutOfStep(#[from] OutOfStep),
    /// There is nothing to take over lists for.
    #[error("{} has no authority: is --data right?", _0.display())]
    NoAuthority(PathBuf),
    /// There is no list to take over.
    #[error(
        "there is no revocation list of {0} to take over, neither in authority/ nor by --crl: give the last one that was published, as --crl FILE or --crl http://.../crl/KEYID/0.crl, once for each authority. If there is none, begin with a new data folder and enroll every phone again"
    )]
    NoList(String),
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A service.
    #[error(transparent)]
    Service(Error),
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) | Error::Unavailable(error) => Self::Store(error),
            Error::Ca(error) => Self::Ca(error),
            other => Self::Service(other),
        }
    }
}
