//! Whose a new file is.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, open};
use rustix::process::geteuid;

use crate::error::{FileError, at};

/// Somebody who gets what root makes in a folder of theirs. While root is at work in a folder that it has made, the folder
/// stays root's own: nobody else can put a link in root's way.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    user: Uid,
    group: Gid,
}

impl Owner {
    /// The owner of a folder, if root runs this and the folder is somebody else's.
    ///
    /// # Errors
    /// If the folder cannot be looked at.
    pub fn of(folder: &Path) -> Result<Option<Self>, FileError> {
        let found = folder.metadata().map_err(at(folder))?;
        let is_given = geteuid().is_root() && found.uid() != 0;
        Ok(is_given.then(|| Self {
            user: Uid::from_raw(found.uid()),
            group: Gid::from_raw(found.gid()),
        }))
    }

    /// Whether it is this user.
    #[must_use]
    pub fn is(&self, user: u32) -> bool {
        self.user.as_raw() == user
    }

    /// Gives what root has made; what is not root's stays as it is.
    ///
    /// # Errors
    /// If it cannot be given.
    pub fn give(&self, made: impl AsFd, path: &Path) -> Result<(), FileError> {
        let give = || -> io::Result<()> {
            if fstat(&made)?.st_uid == 0 {
                let (user, group) = (Some(self.user), Some(self.group));
                chownat(&made, "", user, group, AtFlags::EMPTY_PATH)?;
            }
            Ok(())
        };
        give().map_err(at(path))
    }

    /// The same by path, of a file, a folder or a link itself: only in a folder that is still root's own.
    ///
    /// # Errors
    /// As [`Owner::give`].
    pub fn give_at(&self, path: &Path) -> Result<(), FileError> {
        self.give(itself(path)?, path)
    }
}

/// Hands a file that root has just made over to the owner of the folder that it is in: what root does in a service's data
/// folder must not keep the service from it. Does nothing for anybody else.
///
/// # Errors
/// If it cannot be handed over.
pub fn hand_over(made: impl AsFd, path: &Path) -> Result<(), FileError> {
    Owner::of(above(path))?.map_or(Ok(()), |owner| owner.give(made, path))
}

/// The same of a folder, or of a link itself. A file in their place stays as it is: whoever owns the folder may have put it
/// there.
///
/// # Errors
/// As [`hand_over`].
pub fn hand_over_at(path: &Path) -> Result<(), FileError> {
    let made = itself(path)?;
    let kind = fstat(&made).map(|found| FileType::from_raw_mode(found.st_mode));
    match kind {
        Ok(FileType::Directory | FileType::Symlink) => hand_over(&made, path),
        Ok(_) => Ok(()),
        Err(error) => Err(FileError::new(path, error.into())),
    }
}

/// What is at a path itself, be it a link.
fn itself(path: &Path) -> Result<OwnedFd, FileError> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    open(path, flags, Mode::empty()).map_err(|error| FileError::new(path, error.into()))
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
        use std::fs::{self, File};
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
