//! Files of the card's folder: replaced as a whole, locked, and readable by their owner alone.
//!
//! A new content goes to another file, is synced, and takes the old file's name: whoever reads sees the old content or
//! the new one, whatever is killed and whenever.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::error::{StateError, io};

/// What tells one version of a file from the next: each is a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

impl Stamp {
    /// That of the file as it is now.
    pub(super) fn of(path: &Path) -> Result<Self, StateError> {
        fs::metadata(path)
            .map(|meta| Self::from_metadata(&meta))
            .map_err(io("read", path))
    }

    fn from_metadata(meta: &fs::Metadata) -> Self {
        Self {
            inode: meta.ino(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            length: meta.size(),
        }
    }
}

/// The lock on a folder, held until it is dropped.
pub(super) struct Guard<'a>(&'a File);

impl<'a> Guard<'a> {
    /// Waits for the lock; `path` is the lock file's, for errors.
    pub(super) fn take(lock: &'a File, path: &Path) -> Result<Self, StateError> {
        lock.lock().map_err(io("lock", path))?;
        Ok(Self(lock))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // A lock that cannot be released now is released when the file is closed.
        let _ = self.0.unlock();
    }
}

/// Opens a file whose content does not matter, to lock it.
pub(super) fn open_lock(path: &Path) -> Result<File, StateError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(io("open", path))
}

/// The content of one version of a file.
pub(super) struct Content {
    /// All of it.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// What tells this version from the next.
    pub(super) stamp: Stamp,
}

/// The whole content, or `None` where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Content>, StateError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("open", path)(error)),
    };
    let meta = file.metadata().map_err(io("read", path))?;
    // Room for the whole file at once: a buffer that grows leaves copies behind that nobody wipes.
    let length = usize::try_from(meta.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.saturating_add(1)));
    file.read_to_end(&mut bytes).map_err(io("read", path))?;
    Ok(Some(Content {
        bytes,
        stamp: Stamp::from_metadata(&meta),
    }))
}

/// Replaces the file `name` in `folder` by `NAME.new`. Only the holder of the folder's lock comes here, so the other
/// file's name may be a fixed one: what a killed process left there is overwritten.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<Stamp, StateError> {
    let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)
        .map_err(io("create", &new))?;
    file.write_all(bytes).map_err(io("write", &new))?;
    file.sync_all().map_err(io("write", &new))?;
    let stamp = Stamp::from_metadata(&file.metadata().map_err(io("read", &new))?);
    fs::rename(&new, &path).map_err(io("replace", &path))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io("write", folder))?;
    Ok(stamp)
}
