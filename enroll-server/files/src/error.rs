//! An error about a file, which says who could have done it.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::left_root;

/// A file or folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}{}", path.display(), Advice(owner.as_deref()))]
pub struct FileError {
    /// Which.
    path: PathBuf,
    /// What the operating system said.
    source: io::Error,
    /// Where that is for want of rights: whose it is.
    owner: Option<Box<Owner>>,
}

/// Whose a file or folder is.
#[derive(Debug)]
struct Owner {
    /// The file or folder, or the nearest one around it that can be looked at.
    path: PathBuf,
    /// The user's number.
    user: u32,
    /// Who tried, as a number.
    worker: u32,
}

impl FileError {
    /// What the operating system said about a file or folder.
    #[must_use]
    pub fn new(path: &Path, source: io::Error) -> Self {
        let owner = (source.kind() == ErrorKind::PermissionDenied)
            .then(|| Owner::of(path))
            .flatten()
            .map(Box::new);
        Self {
            path: path.to_owned(),
            source,
            owner,
        }
    }

    /// Nobody can become this user.
    pub(crate) fn of_user(user: u32, source: io::Error) -> Self {
        Self {
            path: PathBuf::from(format!("the rights of {}", user_name(user))),
            source,
            owner: None,
        }
    }

    /// Its kind, as the operating system has it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.source.kind()
    }
}

/// For `map_err`: an error about this file or folder.
pub fn at(path: &Path) -> impl FnOnce(io::Error) -> FileError {
    move |source| FileError::new(path, source)
}

impl Owner {
    fn of(path: &Path) -> Option<Self> {
        path.ancestors().find_map(|path| {
            let here = Path::new(".");
            let path = if path.as_os_str().is_empty() {
                here
            } else {
                path
            };
            Some(Self {
                path: path.to_owned(),
                user: fs::metadata(path).ok()?.uid(),
                worker: rustix::process::geteuid().as_raw(),
            })
        })
    }
}

/// What to do, where that is known.
struct Advice<'a>(Option<&'a Owner>);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(owner) = self.0 else {
            return Ok(());
        };
        let (path, user) = (owner.path.display(), user_name(owner.user));
        if owner.user == owner.worker {
            write!(
                f,
                "; {path} belongs to {user}, who runs this: see its mode (ls -ld)"
            )
        } else if left_root::has_left() {
            let worker = user_name(owner.worker);
            write!(
                f,
                "; {path} belongs to {user}, and what {worker} can change is worked on as {worker}, also by root: \
                 have both belong to the same user (chown)"
            )
        } else {
            write!(
                f,
                "; {path} belongs to {user}: run this as {user} or as root"
            )
        }
    }
}

/// A user's name, or the number where the machine has no name for it.
fn user_name(user: u32) -> String {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(user)).then_some(name)
    });
    name.map_or_else(|| format!("user {user}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_is_told_who_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("not/there");
        let denied = FileError::new(&path, ErrorKind::PermissionDenied.into()).to_string();
        assert!(
            denied.contains(&format!("{} belongs to", folder.path().display())),
            "{denied}"
        );
        let other = FileError::new(&path, ErrorKind::NotFound.into()).to_string();
        assert!(!other.contains("belongs"), "{other}");
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_000), "user 4000000000");
    }
}
