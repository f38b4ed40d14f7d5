//! As whom root works on files that are somebody else's: as that user. Whoever owns a folder can put a link in the way of
//! whatever is done in it, at any moment; where it is done as them, they gain nothing that they could not do themselves.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::process::{getegid, geteuid, getuid};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::error::{FileError, at};
use crate::left_root;

/// Most links on a path, as the operating system has it.
const LINKS: usize = 40;

/// Whose a place is, and as whom root does things there. For anybody but root it is whoever runs this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User(Option<Ids>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ids {
    user: Uid,
    group: Gid,
}

const ROOT: Ids = Ids {
    user: Uid::ROOT,
    group: Gid::ROOT,
};

impl User {
    /// Whoever can change what is at a path, or what the path leads to: the owner of the deepest folder, file or link on the
    /// way that is not root's. Root, where all of them are root's. What is not there yet is of whoever can make it.
    ///
    /// # Errors
    /// If the path cannot be followed.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        if !getuid().is_root() {
            return Ok(Self(None));
        }
        // Root can look everywhere.
        let found = Self(Some(ROOT)).work(|| deepest(path).map_err(at(path)))?;
        Ok(Self(Some(found)))
    }

    /// Whether it is root.
    #[must_use]
    pub fn is_root(self) -> bool {
        self.0 == Some(ROOT)
    }

    /// Does this as the user, on this thread, which must not change meanwhile: nothing of it waits for another.
    ///
    /// # Errors
    /// Those of `work`, and if the operating system lets nobody become that user.
    pub fn work<T, E: From<FileError>>(self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = Ids::now();
        let Some(ids) = self.0.filter(|ids| *ids != before) else {
            return work();
        };
        // Whoever has left root for good fails here, and is still who they were.
        be_root().map_err(|error| ids.refused(error))?;
        let _back = Back(before);
        ids.set().map_err(|error| ids.refused(error))?;
        work()
    }

    /// Has this thread, and all that it starts, work as the user from now on. [`User::work`] can still be as root. To be
    /// called before there is another thread.
    ///
    /// # Errors
    /// If the operating system lets nobody become that user.
    pub fn begin(self) -> Result<(), FileError> {
        self.become_with(|ids| {
            set_thread_groups(&[])?;
            ids.set()
        })
    }

    /// The same, with no way back.
    ///
    /// # Errors
    /// As [`User::begin`].
    pub fn begin_for_good(self) -> Result<(), FileError> {
        self.become_with(|ids| {
            set_thread_groups(&[])?;
            set_thread_res_gid(ids.group, ids.group, ids.group)?;
            Ok(set_thread_res_uid(ids.user, ids.user, ids.user)?)
        })
    }

    fn become_with(self, set: impl FnOnce(Ids) -> io::Result<()>) -> Result<(), FileError> {
        let Some(ids) = self.0.filter(|ids| *ids != ROOT) else {
            return Ok(());
        };
        set(ids).map_err(|error| ids.refused(error))?;
        left_root::note();
        Ok(())
    }
}

impl Ids {
    fn now() -> Self {
        Self {
            user: geteuid(),
            group: getegid(),
        }
    }

    /// Has this thread work as the user; what it was started as stays for the way back.
    fn set(self) -> io::Result<()> {
        be_root()?;
        let (same_user, same_group) = (None::<Uid>, None::<Gid>);
        set_thread_res_gid(same_group, self.group, same_group)?;
        Ok(set_thread_res_uid(same_user, self.user, same_user)?)
    }

    fn refused(self, error: io::Error) -> FileError {
        FileError::of_user(self.user.as_raw(), error)
    }
}

/// Has this thread work as root again, which alone can become others.
fn be_root() -> io::Result<()> {
    let same = None::<Uid>;
    Ok(set_thread_res_uid(same, Uid::ROOT, same)?)
}

/// Goes back to who worked before.
struct Back(Ids);

impl Drop for Back {
    fn drop(&mut self) {
        if self.0.set().is_err() {
            // Nothing may be done as somebody else than was meant.
            std::process::abort();
        }
    }
}

/// The deepest on the way of a path that is not root's, over all links.
fn deepest(path: &Path) -> io::Result<Ids> {
    let mut left = names(&std::path::absolute(path)?);
    let mut here = PathBuf::from("/");
    let mut found = ROOT;
    let mut links = 0;
    while let Some(name) = left.pop_front() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&name);
        let there = match next.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            there => there?,
        };
        if there.uid() != 0 {
            found = Ids {
                user: Uid::from_raw(there.uid()),
                group: Gid::from_raw(there.gid()),
            };
        }
        if !there.is_symlink() {
            here = next;
            continue;
        }
        links += 1;
        if links > LINKS {
            return Err(io::Error::from(ErrorKind::InvalidInput));
        }
        let target = next.read_link()?;
        if target.is_absolute() {
            here = PathBuf::from("/");
        }
        let mut target = names(&target);
        target.append(&mut left);
        left = target;
    }
    Ok(found)
}

fn names(path: &Path) -> VecDeque<OsString> {
    let name = |component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    fn ids(user: u32, group: u32) -> Ids {
        Ids {
            user: Uid::from_raw(user),
            group: Gid::from_raw(group),
        }
    }

    #[test]
    fn a_place_is_of_whoever_can_change_what_its_path_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| User::of(&folder.path().join(name)).unwrap();
        let whole = folder.path().join("of-root/inner");
        fs::create_dir_all(&whole).unwrap();
        if !getuid().is_root() {
            assert_eq!(of("of-root"), User(None));
            return;
        }
        let theirs = folder.path().join("theirs");
        fs::create_dir(&theirs).unwrap();
        // A folder of root's in a folder of theirs, a link of theirs, and one of root's through theirs.
        fs::create_dir(theirs.join("of-root")).unwrap();
        symlink(&whole, theirs.join("link")).unwrap();
        symlink("theirs/link/../inner", folder.path().join("over")).unwrap();
        symlink("turn", folder.path().join("turn")).unwrap();
        chown(&theirs, Some(4711), Some(4712)).unwrap();
        let them = User(Some(ids(4711, 4712)));
        for name in [
            "theirs",
            "theirs/of-root",
            "theirs/not/there",
            "theirs/link",
            "theirs/link/inner",
            "over",
        ] {
            assert_eq!(of(name), them, "{name}");
        }
        for name in ["", "of-root", "of-root/not/there"] {
            assert!(of(name).is_root(), "{name}");
        }
        User::of(&folder.path().join("turn")).unwrap_err();
    }

    #[test]
    fn what_root_does_as_somebody_is_theirs_and_it_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        if !getuid().is_root() {
            return;
        }
        chown(folder.path(), Some(4711), Some(4712)).unwrap();
        let mine = tempfile::tempdir().unwrap();
        let secret = mine.path().join("secret");
        fs::write(&secret, "").unwrap();
        fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
        let them = User::of(folder.path()).unwrap();
        let made = folder.path().join("made");
        them.work(|| {
            let refused = File::open(&secret).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
            User(Some(ROOT)).work(|| File::open(&secret).map_err(at(&secret)))?;
            File::open(&secret).unwrap_err();
            File::create(&made).map_err(at(&made))
        })
        .unwrap();
        File::open(&secret).unwrap();
        let found = made.metadata().unwrap();
        assert_eq!((found.uid(), found.gid()), (4711, 4712));
    }

    #[test]
    fn whoever_has_left_root_for_good_has_no_way_back() {
        let folder = tempfile::tempdir().unwrap();
        if !getuid().is_root() {
            return;
        }
        chown(folder.path(), Some(4711), Some(4712)).unwrap();
        // In a thread: the rights of a thread are its own.
        let path = folder.path().to_owned();
        let tried = std::thread::spawn(move || {
            User::of(&path).unwrap().begin_for_good().unwrap();
            assert!(File::open("/etc/shadow").is_err());
            User(Some(ROOT)).work(|| Ok::<_, FileError>(())).is_err()
        });
        assert!(tried.join().unwrap());
        assert!(geteuid().is_root());
    }
}
