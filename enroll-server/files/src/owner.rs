//! Whose a new file is.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, open};

use crate::error::{FileError, at};

/// Hands a file that root has just made over to the owner of the folder that it is in: what root does in a service's data
/// folder must not keep the service from it. Does nothing for anybody else.
///
/// # Errors
/// If it cannot be handed over.
pub fn hand_over(made: &File, path: &Path) -> Result<(), FileError> {
    give(made, path).map_err(at(path))
}

/// The same of a folder, or of a link itself. A file in their place stays as it is: whoever owns the folder may have put it
/// there.
///
/// # Errors
/// As [`hand_over`].
pub fn hand_over_at(path: &Path) -> Result<(), FileError> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made =
        open(path, flags, Mode::empty()).map_err(|error| FileError::new(path, error.into()))?;
    let kind = fstat(&made).map(|found| FileType::from_raw_mode(found.st_mode));
    match kind {
        Ok(FileType::Directory | FileType::Symlink) => give(&made, path).map_err(at(path)),
        Ok(_) => Ok(()),
        Err(error) => Err(FileError::new(path, error.into())),
    }
}

/// Gives what root has made to the owner of the folder that it is in.
fn give(made: impl AsFd, path: &Path) -> io::Result<()> {
    let folder = above(path).metadata()?;
    if fstat(&made)?.st_uid == 0 && folder.uid() != 0 {
        let (user, group) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
        chownat(made, "", Some(user), Some(group), AtFlags::EMPTY_PATH)?;
    }
    Ok(())
}

/// The folder that a file or folder is in.
pub(crate) fn above(path: &Path) -> &Path {
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
    fn what_root_makes_is_of_the_folders_owner_and_what_others_put_there_stays_as_it_is() {
        use std::fs;
        use std::os::unix::fs::{chown, symlink};
        let other = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let inside = |name: &str| other.path().join(name);
        let linked = elsewhere.path().join("linked");
        fs::write(&linked, "").unwrap();
        // Without root the files are of whoever made them, before and after.
        let mine = fs::symlink_metadata(&linked).unwrap();
        let mine = (mine.uid(), mine.gid());
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            chown(other.path(), Some(4711), Some(4712)).unwrap();
        }
        let owner = if is_root { (4711, 4712) } else { mine };

        let made = File::create(inside("made")).unwrap();
        hand_over(&made, &inside("made")).unwrap();
        fs::create_dir(inside("folder")).unwrap();
        symlink(&linked, inside("link")).unwrap();
        fs::write(inside("put"), "").unwrap();
        for name in ["folder", "link", "put"] {
            hand_over_at(&inside(name)).unwrap();
        }
        let of = |path: &Path| {
            let found = fs::symlink_metadata(path).unwrap();
            (found.uid(), found.gid())
        };
        for name in ["made", "folder", "link"] {
            assert_eq!(of(&inside(name)), owner, "{name}");
        }
        assert_eq!(of(&inside("put")), mine);
        assert_eq!(of(&linked), mine);
    }
}
