//! Files of the card's folder: replaced as a whole, locked, and for their owner alone. No link is followed: a file is
//! where its name is.
//!
//! A new content goes to another file, is synced, and takes the old file's name: whoever reads sees the old content or
//! the new one, whatever is killed and whenever.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::error::{StateError, io};

/// How long a process that was killed may take to be gone, and how often that is looked for.
const ENDING: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// The maximum number of bytes of a file: a card with all its objects and keys stays far below.
const FILE_MAX: u64 = 8 * 1024 * 1024;

/// The bits of a mode that let others than the owner write.
pub(super) const OTHERS_WRITE: u32 = 0o022;

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
        fs::symlink_metadata(path)
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

/// Opens a file of the folder and nothing else: no link, no pipe, no file that others may write.
pub(super) fn open(options: &mut OpenOptions, path: &Path) -> Result<File, StateError> {
    // A pipe would be waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = options
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)
        .map_err(|error| {
            match error
                .raw_os_error()
                .map(rustix::io::Errno::from_raw_os_error)
            {
                Some(rustix::io::Errno::LOOP) => StateError::NotAFile(path.to_owned()),
                _ => io("open", path)(error),
            }
        })?;
    let meta = file.metadata().map_err(io("read", path))?;
    if !meta.is_file() {
        return Err(StateError::NotAFile(path.to_owned()));
    }
    if meta.mode() & OTHERS_WRITE != 0 {
        return Err(StateError::OthersMayWrite(path.to_owned()));
    }
    Ok(file)
}

/// Opens a file whose content does not matter, to lock it.
pub(super) fn open_lock(path: &Path) -> Result<File, StateError> {
    open(
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600),
        path,
    )
}

/// Locks a file for as long as what this gives is open: `None` where another process has it. Waits a moment for one
/// that is just ending.
pub(super) fn claim(path: &Path) -> Result<Option<File>, StateError> {
    let file = open_lock(path)?;
    let deadline = Instant::now() + ENDING;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(io("lock", path)(error)),
        }
    }
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
    let mut file = match open(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(StateError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let meta = file.metadata().map_err(io("read", path))?;
    if meta.len() > FILE_MAX {
        return Err(StateError::Damaged {
            path: path.to_owned(),
            reason: format!(
                "it has {} bytes, no card has more than {FILE_MAX}",
                meta.len()
            ),
        });
    }
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
/// file's name may be a fixed one: what a killed process left there, whatever it is, makes way for a file that is new.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<Stamp, StateError> {
    let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
    remove(&new)?;
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&new)
        .map_err(io("create", &new))?;
    file.write_all(bytes).map_err(io("write", &new))?;
    file.sync_all().map_err(io("write", &new))?;
    let stamp = Stamp::from_metadata(&file.metadata().map_err(io("read", &new))?);
    fs::rename(&new, &path).map_err(io("replace", &path))?;
    sync_folder(folder)?;
    Ok(stamp)
}

/// Has the names in the folder on disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StateError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io("write", folder))
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), StateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io("remove", path)(error)),
        _ => Ok(()),
    }
}
