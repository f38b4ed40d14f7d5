//! The words for a disk that is full.

use std::path::Path;

use super::error::{BackupError, at};
use crate::space::Space;

/// How much space there is, where more is needed (bytes).
pub(super) fn no_space(folder: &Path, needed: u64) -> BackupError {
    match Space::of(folder) {
        Ok(space) => BackupError::NoSpace {
            folder: folder.to_owned(),
            needed,
            available: space.available,
        },
        Err(error) => at(folder)(error),
    }
}
