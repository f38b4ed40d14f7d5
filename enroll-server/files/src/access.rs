//! Whether something is there, and may be used. That it is not there is another thing than that nobody may look.

use std::path::Path;

pub use rustix::fs::Access;
use rustix::fs::{AtFlags, CWD, accessat};

use crate::error::FileError;

/// Whether a file or folder is there, at the end of the links that lead to it.
///
/// # Errors
/// If that cannot be seen.
pub fn is_there(path: &Path) -> Result<bool, FileError> {
    path.try_exists()
        .map_err(|source| FileError::new(path, source))
}

/// Makes sure that whoever runs this may use a file or folder in this way. Opens nothing: closing a file that SQLite has
/// open too would end SQLite's locks.
///
/// # Errors
/// If not, or it is not there.
pub fn check_access(path: &Path, access: Access) -> Result<(), FileError> {
    accessat(CWD, path, access, AtFlags::EACCESS)
        .map_err(|source| FileError::new(path, source.into()))
}
