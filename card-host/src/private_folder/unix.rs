//! By owner and mode: whose a file is, and who else may change it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::error::OpenError;

/// The bits of a file's mode with which others than its owner may write to it.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Whether this user alone may change it.
fn is_ours(metadata: &Metadata) -> bool {
    is_of_this_user(metadata) && metadata.mode() & WRITABLE_BY_OTHERS == 0
}

fn is_of_this_user(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
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

/// Opens a file to read it, where this user alone may change it.
///
/// # Errors
/// [`OpenError`].
pub fn open(path: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let metadata = file.metadata()?;
    if !is_of_this_user(&metadata) {
        return Err(OpenError::Foreign);
    }
    if !metadata.is_file() || !is_ours(&metadata) {
        return Err(OpenError::Exposed);
    }
    Ok(file)
}

/// A new file, for this user alone.
pub fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
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
