//! The state on disk, in a folder that several processes may share: a lock file lets one of them write at a time.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::card_state::CardState;
use super::counters::{Counter, Counters};
use super::error::{StateError, io};
use super::file::{self, Guard, Stamp};
use super::format::{self, Content};
use super::reference_data::ReferenceData;

const CARD_FILE: &str = "card.json";
const LOCK_FILE: &str = "lock";
const ENROLLING_FILE: &str = "enrolling.lock";

/// How long a process that was killed may take to be gone, and how often that is looked for.
const ENDING: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// A card's state in a folder, and the copy of it in memory.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    lock: File,
    state: CardState,
    stamp: Stamp,
    changed_by_another: bool,
}

/// The right to enroll a card, see [`Store::begin_enrollment`]. It ends with the process at the latest.
#[derive(Debug)]
pub struct Enrolling(#[allow(dead_code, reason = "holds the lock until it is closed")] File);

/// The tries left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// Of the PIN.
    pub pin: u8,
    /// Of the PUK.
    pub puk: u8,
}

/// What taking a try gave, see [`Store::take_try`].
#[derive(Debug)]
pub enum Try {
    /// There was none left to take.
    Blocked,
    /// It is taken.
    Taken {
        /// What to compare with.
        data: ReferenceData,
        /// The tries left after this one.
        left: u8,
    },
}

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
        let lock = file::open_lock(&folder.join(LOCK_FILE))?;
        let (state, stamp) = {
            let _guard = Guard::take(&lock, &folder.join(LOCK_FILE))?;
            match read_or_take_over(folder)? {
                Some(found) => found,
                None => {
                    let state = CardState::new()?;
                    let (pin, puk) = (&state.pin, &state.puk);
                    Counters::new((pin, pin.limit), (puk, puk.limit)).create(folder)?;
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
        if file::read(&folder.join(CARD_FILE))?.is_none() {
            return Err(StateError::NoCard(folder.to_owned()));
        }
        Self::open_or_create(folder)
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

    /// The tries left, as they are on disk now.
    ///
    /// # Errors
    /// [`StateError`] where the counters are gone or damaged.
    pub fn tries(&self) -> Result<Tries, StateError> {
        Ok(Tries::of(&Counters::read(&self.folder)?, &self.state))
    }

    fn reference_data(&self, counter: Counter) -> &ReferenceData {
        match counter {
            Counter::Pin => &self.state.pin,
            Counter::Puk => &self.state.puk,
        }
    }

    /// Takes one try, and has that on disk before it returns. Where no more than `floor` are left, it takes none.
    ///
    /// # Errors
    /// [`StateError`]: nothing may be compared then.
    pub fn take_try(&mut self, counter: Counter, floor: u8) -> Result<Try, StateError> {
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.reload_if_replaced()?;
        let mut counters = Counters::read(&self.folder)?;
        let data = self.reference_data(counter);
        let left = counters.left(counter, data);
        let Some(left) = left.checked_sub(1).filter(|_| left > floor) else {
            return Ok(Try::Blocked);
        };
        counters.set(counter, data, left);
        counters.write(&self.folder)?;
        Ok(Try::Taken {
            data: data.clone(),
            left,
        })
    }

    /// The value was proved: all tries are there again.
    ///
    /// # Errors
    /// [`StateError`]: then one try less is left than should be.
    pub fn restore_tries(&mut self, counter: Counter) -> Result<(), StateError> {
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.reload_if_replaced()?;
        let mut counters = Counters::read(&self.folder)?;
        let data = self.reference_data(counter);
        counters.set(counter, data, data.limit);
        counters.write(&self.folder)
    }

    /// Reads the file again if another process has replaced it. Returns whether one has since the last call.
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
        let path = self.folder.join(ENROLLING_FILE);
        let file = file::open_lock(&path)?;
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
                Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
            }
        }
    }

    fn reload_if_replaced(&mut self) -> Result<(), StateError> {
        let path = self.folder.join(CARD_FILE);
        if Stamp::of(&path)? != self.stamp {
            let (content, stamp) =
                read(&self.folder)?.ok_or_else(|| StateError::NoCard(self.folder.clone()))?;
            // An earlier format was put back by hand: what it keeps of counters is taken over when it is opened.
            let Content::Current(state) = content else {
                return Err(StateError::Damaged {
                    path,
                    reason: "another program replaced it by an earlier format".to_owned(),
                });
            };
            self.state = state;
            self.stamp = stamp;
            self.changed_by_another = true;
        }
        Ok(())
    }

    /// Another handle of the same open lock file, so that a guard does not borrow the store.
    fn lock(&self) -> Result<File, StateError> {
        self.lock
            .try_clone()
            .map_err(io("lock", &self.folder.join(LOCK_FILE)))
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
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.reload_if_replaced()?;
        let mut next = self.state.clone();
        let result = change(&mut next)?;
        if next != self.state {
            self.stamp = write(&self.folder, &next)?;
            self.state = next;
        }
        Ok(result)
    }

    /// As [`Self::update`]; `change` knows the tries left too.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn update_knowing_tries<R, E: From<StateError>>(
        &mut self,
        change: impl FnOnce(&mut CardState, Tries) -> Result<R, E>,
    ) -> Result<R, E> {
        let folder = self.folder.clone();
        self.update(|state| {
            let tries = Tries::of(&Counters::read(&folder)?, state);
            change(state, tries)
        })
    }
}

impl Tries {
    fn of(counters: &Counters, state: &CardState) -> Self {
        Self {
            pin: counters.left(Counter::Pin, &state.pin),
            puk: counters.left(Counter::Puk, &state.puk),
        }
    }
}

fn read(folder: &Path) -> Result<Option<(Content, Stamp)>, StateError> {
    let path = folder.join(CARD_FILE);
    let Some(file::Content { bytes, stamp }) = file::read(&path)? else {
        return Ok(None);
    };
    Ok(Some((format::decode(&path, &bytes)?, stamp)))
}

/// Reads the card. One of an earlier format is written in today's first: its counters, then the card. Killed in
/// between, it is still of the earlier format, whose own counters count, and is taken over again.
fn read_or_take_over(folder: &Path) -> Result<Option<(CardState, Stamp)>, StateError> {
    Ok(match read(folder)? {
        None => None,
        Some((Content::Current(state), stamp)) => Some((state, stamp)),
        Some((Content::Earlier(state, counters), _)) => {
            counters.create(folder)?;
            let stamp = write(folder, &state)?;
            Some((state, stamp))
        }
    })
}

fn write(folder: &Path, state: &CardState) -> Result<Stamp, StateError> {
    let bytes = format::encode(&folder.join(CARD_FILE), state)?;
    file::replace(folder, CARD_FILE, &bytes)
}
