//! Folders of the user that nobody else may change, and files in them.

mod error;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use error::OpenError;
pub use system::{make, open};

/// Whether an error says that there is no such file.
#[must_use]
pub fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
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
    let file = system::create_new(&unfinished)?;
    Ok((unfinished, file))
}
