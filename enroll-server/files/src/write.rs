//! Files that survive a power cut and that their owner alone can read.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::error::{FileError, at};
use crate::owner::{above, hand_over, hand_over_at};

/// Writes a file that must not exist yet. It gets its name when everything is in it and on disk: after a power cut it
/// is there whole, or not at all. What an interrupted write left beside it is replaced.
///
/// # Errors
/// If it exists or cannot be written.
pub fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), FileError> {
    match path.try_exists() {
        Ok(true) => Err(FileError::new(path, ErrorKind::AlreadyExists.into())),
        Ok(false) => replace(path, content, mode),
        Err(error) => Err(FileError::new(path, error)),
    }
}

/// Writes a file, in place of the one that is there: after a power cut it is the old one or the new one, whole.
///
/// # Errors
/// If it cannot be written.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), FileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let unfinished = path.with_file_name(name);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(FileError::new(&unfinished, error));
        }
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&unfinished)
        .map_err(at(path))?;
    let written = hand_over(&file, &unfinished).and_then(|()| {
        file.write_all(content)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(at(path))
    });
    if written.is_err() {
        // On a full disk this makes room. Whether it can be removed or not, the write has failed.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync(above(path))
}

/// Makes a folder that its owner alone can enter, and those above it, unless they exist, and makes sure that they
/// survive a power cut.
///
/// # Errors
/// If one cannot be made.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    create_folder(above(path))?;
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists || !path.is_dir() => {
            Err(FileError::new(path, error))
        }
        made => {
            if made.is_ok() {
                hand_over_at(path)?;
            }
            sync(above(path))
        }
    }
}

/// Makes sure that a file or folder is for its owner alone. Returns whether it was not.
///
/// # Errors
/// If that cannot be changed.
pub fn keep_private(path: &Path) -> Result<bool, FileError> {
    let mend = || {
        let found = fs::metadata(path)?.permissions().mode();
        if found & 0o077 == 0 {
            return Ok(false);
        }
        fs::set_permissions(path, Permissions::from_mode(found & 0o700))?;
        Ok(true)
    };
    mend().map_err(at(path))
}

/// Makes sure that a file, or what was created in a folder, survives a power cut.
///
/// # Errors
/// If the operating system cannot.
pub fn sync(path: &Path) -> Result<(), FileError> {
    fs::File::open(path)
        .and_then(|opened| opened.sync_all())
        .map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        // What a power cut left of an earlier attempt.
        fs::write(folder.path().join("key.new"), "ha").unwrap();
        write_new(&path, b"whole", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let refused = write_new(&path, b"other", 0o600);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_write_that_fails_leaves_no_file_under_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        // A folder stands where the unfinished file would be written.
        fs::create_dir(folder.path().join("key.new")).unwrap();
        write_new(&path, b"whole", 0o600).unwrap_err();
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_is_made_with_those_above_it_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        for made in [folder.path().join("a"), path] {
            let mode = fs::metadata(made).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
