//! Folders of the user that nobody else may change.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use crate::config::WRITABLE_BY_OTHERS;

/// Whether this user alone may change it.
#[must_use]
pub fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
        && metadata.mode() & WRITABLE_BY_OTHERS == 0
}

/// Makes the folder, with those above it, where it is not there.
///
/// # Errors
/// Where it cannot be made, or others may change it.
pub fn make(folder: &Path) -> io::Result<()> {
    // A program that runs as root may have the HOME of somebody else, who must not lead it, and finds nothing of root's there.
    let there = folder
        .ancestors()
        .find(|part| part.symlink_metadata().is_ok());
    check(there.unwrap_or(folder))?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    check(folder)
}

/// A folder, or a link to one, that this user alone may change.
fn check(folder: &Path) -> io::Result<()> {
    let (itself, target) = (fs::symlink_metadata(folder)?, fs::metadata(folder)?);
    let is_own_link = itself.is_symlink() && itself.uid() == target.uid();
    if target.is_dir() && is_ours(&target) && (is_own_link || itself.is_dir()) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{} is not a folder that this user alone may change",
        folder.display()
    )))
}
