//! Where things are: by their real paths, and by the names that only a running server or restore uses.

use std::path::{Path, PathBuf};

use enroll_server_ca::authorities::folder::FOLDER as AUTHORITY;
use zeroize::Zeroizing;

use super::error::{BackupError, Result};
use crate::lock::real;

/// The name of the database in a backup.
pub(super) const DATABASE: &str = "enroll-server.db";
/// The name that the help gives a copy of a PostgreSQL database beside the folder's.
pub const DUMP: &str = "database.dump";
/// The folder that a backup has only if it is asked for.
pub(super) const SECRETS: &str = "secrets";
/// What a restore has copied so far.
pub(super) const STAGED: &str = "restore.part";
/// All that a restore puts in place.
pub(super) const READY: &str = "restore.ready";
/// What was there before a restore, where the folder around the data folder takes nothing.
pub(super) const REPLACED: &str = "replaced";
/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Whether the passphrase goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// It stays where it is: whoever has the backup cannot use the keys.
    Left,
    /// Whoever has the backup has the keys.
    Included,
}

/// Where the data of an installation is.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The data folder.
    pub data: PathBuf,
    /// The database's URL.
    pub database: Zeroizing<String>,
}

/// Makes sure that neither of two real paths lies in the other.
pub(super) fn check_apart(one: &Path, other: &Path) -> Result<()> {
    let nested = |inner: &Path, outer: &Path| BackupError::Nested {
        inner: inner.to_owned(),
        outer: outer.to_owned(),
    };
    if one.starts_with(other) {
        Err(nested(one, other))
    } else if other.starts_with(one) {
        Err(nested(other, one))
    } else {
        Ok(())
    }
}

/// The authorities' folder in a data folder or a backup.
pub(super) fn authority(folder: &Path) -> PathBuf {
    folder.join(AUTHORITY)
}

/// Whether a file or folder is of a running server or restore, and never of a backup.
pub(super) fn is_passing(name: &str) -> bool {
    is_lock(name) || is_of_restore(name) || replaced_by(name).is_some()
}

/// The file or folder that one of this name is about to take, or took, the place of.
pub(super) fn replaced_by(name: &str) -> Option<&str> {
    let is_tls = |name: &&str| *name == "tls";
    let old = name.strip_suffix(".old").filter(is_tls);
    name.strip_suffix(".new").or(old)
}

/// Whether it is a lock.
pub(super) fn is_lock(name: &str) -> bool {
    name == "lock" || name.ends_with(".lock")
}

/// Whether it is what a restore makes in a data folder.
pub(super) fn is_of_restore(name: &str) -> bool {
    let is_replaced = |rest: &str| rest.is_empty() || rest.starts_with('-');
    [STAGED, READY].contains(&name) || name.strip_prefix(REPLACED).is_some_and(is_replaced)
}

/// A database and what is beside it.
pub(super) fn files_of(file: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let beside = BESIDE.map(|suffix| with_suffix(file, suffix));
    std::iter::once(file.to_owned()).chain(beside)
}

/// Whether a path leads to a database, by its real path, or to what is beside it.
pub(super) fn is_of(file: &Path, path: &Path) -> bool {
    let path = real(path);
    files_of(file).any(|one| one == path)
}

/// Whether a file or folder is there, be it a link to nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The first of `path`, `path-2`, `path-3` ... that is not there.
pub(super) fn unused(path: &Path) -> PathBuf {
    let mut number = 1;
    let mut unused = path.to_owned();
    while is_there(&unused) {
        number += 1;
        unused = with_suffix(path, &format!("-{number}"));
    }
    unused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_running_server_or_restore_makes_is_not_of_a_backup() {
        for name in [
            "lock",
            "enroll-server.db.lock",
            "tls.new",
            "tls.old",
            "0a1b.crl.new",
            "restore.part",
            "replaced-2",
        ] {
            assert!(is_passing(name), "{name}");
        }
        for name in ["authority", "tls", "replacedment", "enroll-server.db"] {
            assert!(!is_passing(name), "{name}");
        }
    }
}
