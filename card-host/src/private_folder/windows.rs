//! By the place: what is below a user's profile has its rights, and those let the user, the system and administrators alone
//! change it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use super::error::OpenError;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself, and not what it leads to.
const ITSELF: u32 = 0x0020_0000;

/// `GENERIC_READ` and `FILE_WRITE_ATTRIBUTES`: its content, and when it was used last.
const READ_AND_TIMES: u32 = 0x8000_0000 | 0x0100;

/// Makes the folder, with those above it, where it is not there.
///
/// # Errors
/// Where it cannot be made, or is a link.
pub fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if fs::symlink_metadata(folder)?.is_dir() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{} is not a folder",
        folder.display()
    )))
}

/// Opens a file to read it, where it is a file and no link.
///
/// # Errors
/// [`OpenError`].
pub fn open(path: &Path) -> Result<File, OpenError> {
    let mut options = OpenOptions::new();
    let file = options
        .access_mode(READ_AND_TIMES)
        .custom_flags(ITSELF)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(OpenError::Exposed);
    }
    Ok(file)
}

/// A new file, with the rights of its folder.
pub fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
