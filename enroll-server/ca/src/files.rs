//! Files that survive a power cut and that their owner alone can read.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::error::{CaError, Result};

/// Writes a file that must not exist yet, and makes sure that it survives a power cut.
///
/// # Errors
/// If it exists or cannot be written.
pub fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|source| file_error(path, source))
}

/// Makes a folder that its owner alone can enter, unless it exists.
///
/// # Errors
/// If it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| file_error(path, source))
}

/// Makes sure that what was created in a folder survives a power cut.
///
/// # Errors
/// If the operating system cannot.
pub fn sync_folder(path: &Path) -> Result<()> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| file_error(path, source))
}

/// An error about a file.
pub fn file_error(path: &Path, source: std::io::Error) -> CaError {
    CaError::File {
        path: path.to_owned(),
        source,
    }
}
