//! The state on disk: one file, replaced as a whole.
//!
//! A write goes to another file, is synced, and takes the old file's name: whoever reads sees the old state
//! or the new one, whatever is killed and whenever. A lock file serialises the processes that share the folder.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{CardState, FORMAT, FileIn, FormatOnly, StateError};

const CARD_FILE: &str = "card.json";
const NEW_FILE: &str = "card.json.new";
const LOCK_FILE: &str = "lock";
const ENROLLING_FILE: &str = "enrolling.lock";

/// How long a process that was killed may take to be gone, and how often that is looked for.
const ENDING: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// What tells one version of the file from the next: each is a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

/// A card's state in a folder, and the copy of it in memory.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    lock: File,
    state: CardState,
    stamp: Stamp,
    changed_by_another: bool,
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StateError {
    move |source| StateError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

/// The lock on the folder, held until it is dropped.
struct Guard<'a>(&'a File);

impl<'a> Guard<'a> {
    fn take(lock: &'a File, folder: &Path) -> Result<Self, StateError> {
        lock.lock().map_err(io("lock", &folder.join(LOCK_FILE)))?;
        Ok(Self(lock))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // A lock that cannot be released now is released when the file is closed.
        let _ = self.0.unlock();
    }
}

/// The right to enroll a card, see [`Store::begin_enrollment`]. It ends with the process at the latest.
#[derive(Debug)]
pub struct Enrolling(#[allow(dead_code, reason = "holds the lock until it is closed")] File);

impl Store {
    /// Opens the card in `folder`; makes folder (mode 0700) and card where there is none.
    ///
    /// # Errors
    /// [`StateError`], among others where the file is damaged: it is then left as it is.
    pub fn open_or_create(folder: &Path) -> Result<Self, StateError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(io("create", folder))?;
        let lock = open_lock(folder, LOCK_FILE)?;
        let (state, stamp) = {
            let _guard = Guard::take(&lock, folder)?;
            match read(folder)? {
                Some(found) => found,
                None => {
                    let state = CardState::new()?;
                    let stamp = write(folder, &state)?;
                    (state, stamp)
                }
            }
        };
        Ok(Self::new(folder, lock, state, stamp))
    }

    /// Opens the card in `folder`.
    ///
    /// # Errors
    /// [`StateError::NoCard`] where there is none, or as [`Store::open_or_create`].
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let no_card = || StateError::NoCard(folder.to_owned());
        let (state, stamp) = read(folder)?.ok_or_else(no_card)?;
        Ok(Self::new(
            folder,
            open_lock(folder, LOCK_FILE)?,
            state,
            stamp,
        ))
    }

    fn new(folder: &Path, lock: File, state: CardState, stamp: Stamp) -> Self {
        Self {
            folder: folder.to_owned(),
            lock,
            state,
            stamp,
            changed_by_another: false,
        }
    }

    /// The state as it was last read or written here.
    #[must_use]
    pub fn state(&self) -> &CardState {
        &self.state
    }

    /// Reads the file again if another process has replaced it; whether one has since the last call.
    ///
    /// # Errors
    /// [`StateError`] where the file is gone or damaged.
    pub fn refresh(&mut self) -> Result<bool, StateError> {
        self.reload_if_replaced()?;
        Ok(std::mem::take(&mut self.changed_by_another))
    }

    /// Keeps other processes from enrolling the same card until what this gives is dropped. Waits a moment for one
    /// that is just ending, and knows then what that one has written.
    ///
    /// # Errors
    /// [`StateError::Enrolling`] where one does already.
    pub fn begin_enrollment(&mut self) -> Result<Enrolling, StateError> {
        let file = open_lock(&self.folder, ENROLLING_FILE)?;
        let deadline = Instant::now() + ENDING;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    self.reload_if_replaced()?;
                    return Ok(Enrolling(file));
                }
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(StateError::Enrolling(self.folder.clone()));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(io("lock", &self.folder.join(ENROLLING_FILE))(error));
                }
            }
        }
    }

    fn reload_if_replaced(&mut self) -> Result<(), StateError> {
        let path = self.folder.join(CARD_FILE);
        let stamp = fs::metadata(&path)
            .map(|meta| Stamp::of(&meta))
            .map_err(io("read", &path))?;
        if stamp != self.stamp {
            let (state, stamp) =
                read(&self.folder)?.ok_or_else(|| StateError::NoCard(self.folder.clone()))?;
            self.state = state;
            self.stamp = stamp;
            self.changed_by_another = true;
        }
        Ok(())
    }

    /// Changes the state: reads the newest under the lock, lets `change` work on it, and has it on disk before
    /// this returns. Where `change` fails, or the disk does, nothing has changed.
    ///
    /// # Errors
    /// What `change` gives, or [`StateError`].
    pub fn update<R, E: From<StateError>>(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<R, E>,
    ) -> Result<R, E> {
        // Another handle of the same open file, so that the guard does not borrow the store.
        let lock = self
            .lock
            .try_clone()
            .map_err(io("lock", &self.folder.join(LOCK_FILE)))?;
        let _guard = Guard::take(&lock, &self.folder)?;
        self.reload_if_replaced()?;
        let mut next = self.state.clone();
        let result = change(&mut next)?;
        if next != self.state {
            self.stamp = write(&self.folder, &next)?;
            self.state = next;
        }
        Ok(result)
    }
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        Self {
            inode: meta.ino(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            length: meta.size(),
        }
    }
}

fn open_lock(folder: &Path, name: &str) -> Result<File, StateError> {
    let path = folder.join(name);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(io("open", &path))
}

fn read(folder: &Path) -> Result<Option<(CardState, Stamp)>, StateError> {
    let path = folder.join(CARD_FILE);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("open", &path)(error)),
    };
    let meta = file.metadata().map_err(io("read", &path))?;
    // Room for the whole file at once, for the reason that `CardState::to_file` gives.
    let length = usize::try_from(meta.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.saturating_add(1)));
    file.read_to_end(&mut bytes).map_err(io("read", &path))?;
    let damaged = |error: serde_json::Error| StateError::Damaged {
        path: path.clone(),
        reason: error.to_string(),
    };
    let FormatOnly { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if format > FORMAT {
        return Err(StateError::NewerFormat {
            path,
            found: format,
            known: FORMAT,
        });
    }
    let FileIn { card } = serde_json::from_slice(&bytes).map_err(damaged)?;
    Ok(Some((card, Stamp::of(&meta))))
}

/// Replaces the file. Only the holder of the lock comes here, so the other file's name may be a fixed one:
/// what a killed process left there is overwritten.
fn write(folder: &Path, state: &CardState) -> Result<Stamp, StateError> {
    let (path, new) = (folder.join(CARD_FILE), folder.join(NEW_FILE));
    let bytes = state.to_file().map_err(|error| StateError::Damaged {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)
        .map_err(io("create", &new))?;
    file.write_all(&bytes).map_err(io("write", &new))?;
    file.sync_all().map_err(io("write", &new))?;
    let stamp = Stamp::of(&file.metadata().map_err(io("read", &new))?);
    fs::rename(&new, &path).map_err(io("replace", &path))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io("write", folder))?;
    Ok(stamp)
}
