//! Folders of the user that nobody else may change, and files in them.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
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

/// Opens a file to read it, where this user alone may change it.
///
/// # Errors
/// Where it cannot be opened, is a link or no plain file, or others may change it.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || !is_ours(&metadata) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(file)
}

/// Writes a file, whole or not at all: under another name first, since two programs may write it at once.
///
/// # Errors
/// Where it cannot be written, or others may change the folder.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    make(folder)?;
    let unfinished = folder.join(format!("{name}.{}", random()?));
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let written = file
        .write_all(content)
        .and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    written
}

fn random() -> io::Result<String> {
    let number = getrandom::u64().map_err(|_| io::ErrorKind::Other)?;
    Ok(format!("{number:016x}"))
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
