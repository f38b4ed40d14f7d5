//! Whose a new file is.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, open};

use crate::error::FileError;

/// Hands a file, link or folder that root has just made over to the owner of the folder that it is in: what root does in a
/// service's data folder must not keep the service from it. Does nothing for anybody else.
///
/// # Errors
/// If it cannot be handed over.
pub fn hand_over(path: &Path) -> Result<(), FileError> {
    // Whoever owns the folder may have put something else in its place: what is changed is what is looked at, never what a
    // link leads to, nor a file that has another name elsewhere.
    let give = || {
        let folder = above(path).metadata()?;
        let made = open(
            path,
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let found = fstat(&made)?;
        let is_folder = FileType::from_raw_mode(found.st_mode) == FileType::Directory;
        let is_roots = found.st_uid == 0 && (is_folder || found.st_nlink == 1);
        if is_roots && folder.uid() != 0 {
            let (user, group) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
            chownat(&made, "", Some(user), Some(group), AtFlags::EMPTY_PATH)?;
        }
        Ok::<_, io::Error>(())
    };
    give().map_err(|source| FileError::new(path, source))
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
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        for name in ["made", "elsewhere", "linked"] {
            fs::write(inside(name), "").unwrap();
        }
        let other = tempfile::tempdir().unwrap();
        fs::hard_link(inside("elsewhere"), other.path().join("hard")).unwrap();
        fs::create_dir(other.path().join("folder")).unwrap();
        symlink(inside("linked"), other.path().join("soft")).unwrap();
        fs::rename(inside("made"), other.path().join("made")).unwrap();
        // Without root the files are of whoever made them, before and after.
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            chown(other.path(), Some(4711), Some(4712)).unwrap();
        }
        let mine = fs::symlink_metadata(inside("linked")).unwrap();
        let owner = if is_root {
            (4711, 4712)
        } else {
            (mine.uid(), mine.gid())
        };
        for name in ["made", "folder", "soft", "hard"] {
            hand_over(&other.path().join(name)).unwrap();
        }
        let of = |path| {
            let found = fs::symlink_metadata(path).unwrap();
            (found.uid(), found.gid())
        };
        for name in ["made", "folder", "soft"] {
            assert_eq!(of(other.path().join(name)), owner, "{name}");
        }
        for name in ["linked", "elsewhere"] {
            assert_eq!(of(inside(name)), (mine.uid(), mine.gid()), "{name}");
        }
    }
}
