//! Why a file of a folder that nobody else may change is not read.

use std::io;

use thiserror::Error;

/// Why a file is not read.
#[derive(Debug, Error)]
pub enum OpenError {
    /// It cannot be opened, or is a link.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It belongs to somebody else: this program runs in a home that is not its user's.
    #[error("it belongs to another user")]
    Foreign,
    /// Others may write to it, or it is something else than a plain file.
    #[error("others may write to it, or it is something else than a file")]
    Exposed,
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::System(error) => error,
            OpenError::Foreign | OpenError::Exposed => {
                Self::new(io::ErrorKind::PermissionDenied, error)
            }
        }
    }
}
