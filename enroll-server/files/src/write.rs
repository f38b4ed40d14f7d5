//! Files that survive a power cut and that their owner alone can read.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use crate::error::{FileError, at};

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
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(at(path));
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
        _ => sync(above(path)),
    }
}

/// Makes a folder that must not be there yet, for whoever makes it alone until [`finish_folder`].
///
/// # Errors
/// If it is there or cannot be made.
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    let made = fs::DirBuilder::new().mode(0o700).create(path);
    made.map_err(at(path))
}

/// Ends the work in a folder of [`make_folder`]: gives it its mode, and makes sure that what is in it survives a power cut.
///
/// # Errors
/// If one of these cannot be done.
pub fn finish_folder(path: &Path, mode: u32) -> Result<(), FileError> {
    let folder = open_to_change(path, OFlags::DIRECTORY | OFlags::NOFOLLOW).map_err(at(path))?;
    let mode = Permissions::from_mode(mode & 0o777);
    folder.set_permissions(mode).map_err(at(path))?;
    folder.sync_all().map_err(at(path))
}

/// Makes sure that a file or folder is for its owner alone. Returns whether it was not.
///
/// # Errors
/// If that cannot be changed, as where it is somebody else's.
pub fn keep_private(path: &Path) -> Result<bool, FileError> {
    let mend = || {
        let file = open_to_change(path, OFlags::NONBLOCK)?;
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(false);
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

/// The folder that a file or folder is in.
fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) => Path::new("."),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_read_is_for_its_owner_alone_and_what_is_not_theirs_stays_as_it_is() {
        use std::os::unix::fs::{chown, symlink};
        let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let public = Permissions::from_mode(0o755);
        fs::set_permissions(elsewhere.path(), public.clone()).unwrap();
        let link = data.path().join("secrets");
        symlink(elsewhere.path(), &link).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(data.path(), Some(4711), Some(4712)).unwrap();
            let them = crate::user::User::of(data.path()).unwrap();
            them.work(|| keep_private(&link)).unwrap_err();
            assert_eq!(mode(elsewhere.path()), 0o755);
        }
        assert!(keep_private(&link).unwrap());
        assert_eq!(mode(elsewhere.path()), 0o700);
        fs::set_permissions(data.path(), public).unwrap();
        assert!(keep_private(data.path()).unwrap());
        assert!(!keep_private(data.path()).unwrap());
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
        finish_folder(&path, 0o46_750).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o750
        );
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        finish_folder(&link, 0o777).unwrap_err();
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
