//! The words for a disk that is full.

use std::path::Path;

use enroll_server_files::FileError;

use super::error::BackupError;
use crate::space::Space;

/// How much space there is, where more is needed (bytes).
pub(super) fn no_space(folder: &Path, needed: u64) -> BackupError {
    match Space::of(folder) {
        Ok(space) => BackupError::NoSpace {
            folder: folder.to_owned(),
            needed,
            available: space.available,
        },
        Err(error) => FileError::new(folder, error).into(),
    }
}
