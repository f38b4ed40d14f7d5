//! Files that survive a power cut and that their owner alone can read.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use crate::error::{FileError, at};
use crate::owner::{Owner, above, hand_over, hand_over_at};

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

/// Makes a folder that must not be there yet, for whoever runs this alone. It is theirs until [`finish_folder`].
///
/// # Errors
/// If it is there or cannot be made.
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    let made = fs::DirBuilder::new().mode(0o700).create(path);
    made.map_err(at(path))
}

/// Ends the work in a folder of [`make_folder`]: gives it its mode and its owner, and makes sure that what is in it survives
/// a power cut.
///
/// # Errors
/// If one of these cannot be done.
pub fn finish_folder(path: &Path, mode: u32, owner: Option<&Owner>) -> Result<(), FileError> {
    let folder = open_to_change(path, OFlags::DIRECTORY | OFlags::NOFOLLOW).map_err(at(path))?;
    let mode = Permissions::from_mode(mode & 0o777);
    folder.set_permissions(mode).map_err(at(path))?;
    if let Some(owner) = owner {
        owner.give(&folder, path)?;
    }
    folder.sync_all().map_err(at(path))
}

/// Makes sure that a file or folder is for its owner alone, in a folder `data` or this folder itself. Returns whether it was
/// not. Where a link leads root to what is not of the owner of `data`, that stays as it is.
///
/// # Errors
/// If that cannot be changed.
pub fn keep_private(path: &Path, data: &Path) -> Result<bool, FileError> {
    let mend = || {
        let file = open_to_change(path, OFlags::NONBLOCK)?;
        let found = file.metadata()?;
        let mode = found.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(false);
        }
        let owner = Owner::of(data).map_err(|error| io::Error::from(error.kind()))?;
        if owner.is_some_and(|owner| !owner.is(found.uid())) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        file.set_permissions(Permissions::from_mode(mode & 0o700))?;
        Ok(true)
    };
    mend().map_err(at(path))
}

fn open_to_change(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(open(path, flags, Mode::empty())?.into())
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
    fn root_changes_nothing_of_others_over_a_link() {
        use std::os::unix::fs::{chown, symlink};
        let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let public = Permissions::from_mode(0o755);
        fs::set_permissions(elsewhere.path(), public.clone()).unwrap();
        let link = data.path().join("secrets");
        symlink(elsewhere.path(), &link).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(data.path(), Some(4711), Some(4712)).unwrap();
            keep_private(&link, data.path()).unwrap_err();
            assert_eq!(mode(elsewhere.path()), 0o755);
            chown(elsewhere.path(), Some(4711), Some(4712)).unwrap();
        }
        assert!(keep_private(&link, data.path()).unwrap());
        assert_eq!(mode(elsewhere.path()), 0o700);
        fs::set_permissions(data.path(), public).unwrap();
        assert!(keep_private(data.path(), data.path()).unwrap());
        assert!(!keep_private(data.path(), data.path()).unwrap());
    }

    #[test]
    fn a_folder_is_finished_with_no_more_than_rights_of_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        make_folder(&path).unwrap();
        assert_eq!(
            make_folder(&path).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        finish_folder(&path, 0o46_750, None).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o750
        );
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        finish_folder(&link, 0o777, None).unwrap_err();
    }

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
