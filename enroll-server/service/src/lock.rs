//! The locks of a server that is at work: on its data folder, and on its SQLite file, wherever that is.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use enroll_server_files::FileError;
use rustix::fs::{Mode, OFlags, open};

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server is at work in the data folder.
    #[error(
        "another enroll-server is at work in {}: end it, or give --data another folder",
        _0.display()
    )]
    Folder(PathBuf),
    /// Another server is at work on the SQLite file.
    #[error(
        "another enroll-server is at work on the database {}: end it, or give --database another one \
         (several servers need PostgreSQL)",
        _0.display()
    )]
    Database(PathBuf),
    /// The operating system failed.
    #[error("the lock cannot be taken: {0}")]
    File(#[from] FileError),
}

/// Held while the server runs, so that no other works on the same data. It ends when it is dropped, and with the process,
/// however that ends.
#[derive(Debug)]
pub struct DataLock {
    _folder: Held,
    _database: Option<Held>,
}

/// A file that is locked.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // A program that this process is just starting has the descriptor too, for a moment, and the lock with it.
        let _ = self.0.unlock();
    }
}

impl DataLock {
    /// Takes the lock of a data folder, which must be there, and of a SQLite file, if there is one.
    ///
    /// # Errors
    /// If another server has one of them, or a lock's file cannot be made.
    pub fn take(data: &Path, database: Option<&Path>) -> Result<Self, LockError> {
        let in_use = || LockError::Folder(data.to_owned());
        let folder = hold(&data.join("lock"), in_use)?;
        let database = database
            .map(|file| {
                let file = real(file);
                hold(&beside(&file), || LockError::Database(file.clone()))
            })
            .transpose()?;
        Ok(Self {
            _folder: folder,
            _database: database,
        })
    }
}

/// A file or folder itself, where the path leads over links. It may not be there yet, nor may the folders around it.
pub(crate) fn real(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_owned();
    };
    let is_here = folder.as_os_str().is_empty();
    real(if is_here { Path::new(".") } else { folder }).join(name)
}

/// The lock's file beside a database. SQLite locks the database's own file in its own way.
fn beside(file: &Path) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(".lock");
    PathBuf::from(path)
}

fn hold(path: &Path, in_use: impl FnOnce() -> LockError) -> Result<Held, LockError> {
    let failed = |source| FileError::new(path, source);
    let made = File::options().create_new(true).write(true).open(path);
    let file = match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Whoever owns the folder may have put a link there, or a pipe that nobody reads.
            let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let opened = open(path, flags, Mode::empty());
            opened.map_err(|error| failed(error.into()))?.into()
        }
        made => made.map_err(failed)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => Err(in_use()),
        Err(TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_neither_a_link_nor_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let (lock, elsewhere) = (folder.path().join("lock"), folder.path().join("elsewhere"));
        fs::write(&elsewhere, "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &lock).unwrap();
        DataLock::take(folder.path(), None).unwrap_err();
        fs::remove_file(&lock).unwrap();
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &lock, kind, Mode::RWXU, 0).unwrap();
        DataLock::take(folder.path(), None).unwrap_err();
        fs::remove_file(&lock).unwrap();
        drop(DataLock::take(folder.path(), None).unwrap());
        DataLock::take(folder.path(), None).unwrap();
    }

    #[test]
    fn a_lock_ends_at_once_whoever_has_its_descriptor_too() {
        let folder = tempfile::tempdir().unwrap();
        let lock = DataLock::take(folder.path(), None).unwrap();
        let of_a_child = lock._folder.0.try_clone().unwrap();
        DataLock::take(folder.path(), None).unwrap_err();
        drop(lock);
        DataLock::take(folder.path(), None).unwrap();
        drop(of_a_child);
    }
}
