//! Folders of the user that nobody else may change, and files in them.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The bits of a file's mode with which others than its owner may write to it.
pub const WRITABLE_BY_OTHERS: u32 = 0o022;

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

/// Whether an error says that there is no such file.
#[must_use]
pub fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether this user alone may change it.
#[must_use]
pub fn is_ours(metadata: &Metadata) -> bool {
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

/// Writes a file, whole or not at all: under another name first, since two programs may write it at once.
///
/// # Errors
/// Where it cannot be written, or others may change the folder.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let (unfinished, mut file) = begin(folder, name)?;
    let written = file
        .write_all(content)
        // What it replaces must not be lost for a file that a power cut left empty.
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    written
}

/// Makes a file under another name than the one that it gets when it is written, and the folder where it is not there.
pub(crate) fn begin(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    make(folder)?;
    let number = getrandom::u64().map_err(|_| io::ErrorKind::Other)?;
    let unfinished = folder.join(format!("{name}.{number:016x}"));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    Ok((unfinished, file))
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
