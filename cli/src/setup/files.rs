//! Files read whole, written whole, and kept as they were before.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::SetupError;

/// What a backup's name ends in.
const BACKUP: &str = ".tapcard-backup";

/// A file's text; `None` where there is no such file.
///
/// # Errors
/// [`SetupError::File`] where it cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<Option<String>, SetupError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SetupError::file("read", path)(error)),
    }
}

/// Writes a file whole or not at all. A file that was there keeps its rights and, where a link led to it, the link.
///
/// # Errors
/// [`SetupError`] where that may not be or cannot be.
pub fn write(path: &Path, text: &str, mode: u32) -> Result<(), SetupError> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let failed = || SetupError::file("write", path);
    let mode = fs::metadata(&target).map_or(mode, |there| there.permissions().mode() & 0o7777);
    let folder = target.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().set_permissions(Permissions::from_mode(mode)))
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed())?;
    file.persist(&target)
        .map_err(|error| failed()(error.error))?;
    Ok(())
}

/// Makes the folders above a file, which others than their owner can enter as `mode` says.
///
/// # Errors
/// [`SetupError`] where that may not be or cannot be.
pub fn make_folder_of(path: &Path, mode: u32) -> Result<(), SetupError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(folder)
        .map_err(SetupError::file("write", path))
}

/// Removes a file.
///
/// # Errors
/// [`SetupError`] where that may not be or cannot be.
pub fn remove(path: &Path) -> Result<(), SetupError> {
    fs::remove_file(path).map_err(SetupError::file("write", path))
}

/// Keeps a file as it is now beside it; gives the copy, or `None` where there is no such file.
///
/// # Errors
/// [`SetupError`] where that may not be or cannot be.
pub fn keep(path: &Path) -> Result<Option<PathBuf>, SetupError> {
    let Some(text) = read(path)? else {
        return Ok(None);
    };
    let mode = fs::metadata(path).map_or(0o600, |there| there.permissions().mode() & 0o7777);
    let mut name = path.as_os_str().to_owned();
    name.push(BACKUP);
    let copy = PathBuf::from(name);
    write(&copy, &text, mode)?;
    Ok(Some(copy))
}
