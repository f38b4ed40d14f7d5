//! The state on disk, in a folder that several processes may share: a lock file lets one of them write at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::card_state::CardState;
use super::counters::{Counter, Counters};
use super::error::{StateError, io};
use super::file::{self, Guard, Stamp};
use super::folder::{self, CARD_FILE, ENROLLING_FILE, LOCK_FILE, RUNNING_FILE};
use super::format::{self, Content};
use super::reference_data::ReferenceData;
use super::use_log::{self, UseLog};
use crate::consent::{Outcome, Usage};

/// A card's state in a folder, and the copy of it in memory.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    card_file: PathBuf,
    lock: File,
    state: CardState,
    stamp: Stamp,
    revision: u64,
    changed_by_another: bool,
    is_new: bool,
    uses: UseLog,
}

/// The right to have a card in a reader, see [`Store::begin_running`]. It ends with the process at the latest.
#[derive(Debug)]
pub struct Running(#[allow(dead_code, reason = "holds the lock until it is closed")] File);

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
    /// Of the global PIN, where there is one.
    pub global_pin: Option<u8>,
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
    /// Opens the card in `folder`; makes folder (mode 0700) and card where there has never been one.
    ///
    /// # Errors
    /// [`StateError`], among others where the file is damaged, or gone: the folder is then left as it is.
    pub fn open_or_create(folder: &Path) -> Result<Self, StateError> {
        folder::create(folder)?;
        folder::check(folder)?;
        folder::begin_making(folder)?;
        let lock = file::open_lock(&folder.join(LOCK_FILE))?;
        let (state, stamp, is_new) = {
            let _guard = Guard::take(&lock, &folder.join(LOCK_FILE))?;
            let (state, stamp, is_new) = match read_or_take_over(folder)? {
                Some((state, stamp)) => (state, stamp, false),
                None => {
                    let (state, stamp) = make(folder)?;
                    (state, stamp, true)
                }
            };
            folder::end_making(folder)?;
            (state, stamp, is_new)
        };
        Ok(Self {
            folder: folder.to_owned(),
            card_file: folder.join(CARD_FILE),
            lock,
            state,
            stamp,
            revision: 0,
            changed_by_another: false,
            is_new,
            uses: UseLog::of(folder),
        })
    }

    /// Opens the card in `folder`.
    ///
    /// # Errors
    /// [`StateError::NoCard`] where there never was one, or as [`Store::open_or_create`].
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        if folder::is_without_card(folder)? {
            return Err(StateError::NoCard(folder.to_owned()));
        }
        Self::open_or_create(folder)
    }

    /// Whether the card was made by opening it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// That what the card's file holds cannot be, for this reason.
    #[must_use]
    pub fn damaged(&self, reason: &str) -> StateError {
        StateError::Damaged {
            path: self.card_file.clone(),
            reason: reason.to_owned(),
        }
    }

    /// The state as it was last read or written here.
    #[must_use]
    pub fn state(&self) -> &CardState {
        &self.state
    }

    /// A number that is another one after each change of [`Self::state`].
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The tries left, as they are on disk now.
    ///
    /// # Errors
    /// [`StateError`] where the counters are gone or damaged.
    pub fn tries(&self) -> Result<Tries, StateError> {
        Ok(Tries::of(
            &read_counters(&self.folder, &self.state)?,
            &self.state,
        ))
    }

    fn reference_data(&self, counter: Counter) -> Option<&ReferenceData> {
        match counter {
            Counter::Pin => Some(&self.state.pin),
            Counter::Puk => Some(&self.state.puk),
            Counter::GlobalPin => self.state.global_pin.as_ref(),
        }
    }

    /// Takes one try, and has that on disk before it returns. Where no more than `floor` are left, or there is nothing to
    /// compare with, it takes none.
    ///
    /// # Errors
    /// [`StateError`]: nothing may be compared then. [`StateError::ChangedMeanwhile`] as [`Self::change`].
    pub fn take_try(&mut self, counter: Counter, floor: u8) -> Result<Try, StateError> {
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.expect_unchanged()?;
        let mut counters = read_counters(&self.folder, &self.state)?;
        let Some(data) = self.reference_data(counter) else {
            return Ok(Try::Blocked);
        };
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
    /// [`StateError`]: then one try less is left than should be. [`StateError::ChangedMeanwhile`] as [`Self::change`].
    pub fn restore_tries(&mut self, counter: Counter) -> Result<(), StateError> {
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.expect_unchanged()?;
        let mut counters = read_counters(&self.folder, &self.state)?;
        match self.reference_data(counter) {
            Some(data) => counters.set(counter, data, data.limit),
            None => return Ok(()),
        }
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
        match file::claim(&self.folder.join(ENROLLING_FILE))? {
            Some(file) => {
                self.reload_if_replaced()?;
                Ok(Enrolling(file))
            }
            None => Err(StateError::Enrolling(self.folder.clone())),
        }
    }

    /// Keeps other processes from having the same card in a reader until what this gives is dropped. Waits a moment
    /// for one that is just ending.
    ///
    /// # Errors
    /// [`StateError::Running`] where one has it.
    pub fn begin_running(&self) -> Result<Running, StateError> {
        match file::claim(&self.folder.join(RUNNING_FILE))? {
            Some(file) => Ok(Running(file)),
            None => Err(StateError::Running(self.folder.clone())),
        }
    }

    fn reload_if_replaced(&mut self) -> Result<(), StateError> {
        if Stamp::of(&self.card_file)? != self.stamp {
            let (content, stamp) =
                read(&self.folder)?.ok_or_else(|| StateError::NoCard(self.folder.clone()))?;
            // An earlier format was put back by hand: what it keeps of counters is taken over when it is opened.
            let Content::Current(state) = content else {
                return Err(self.damaged("another program replaced it by an earlier format"));
            };
            self.state = state;
            self.stamp = stamp;
            self.revision += 1;
            self.changed_by_another = true;
            self.uses.close();
        }
        Ok(())
    }

    /// Whether no other process has changed the card since it was last read or written here.
    #[must_use]
    pub fn is_current(&self) -> bool {
        Stamp::of(&self.card_file).is_ok_and(|stamp| stamp == self.stamp)
    }

    /// When a host used one of the card's keys last, as the log of uses writes it; none where that is empty or cannot be read.
    #[must_use]
    pub fn last_use(&self) -> Option<String> {
        let uses = use_log::read(&self.folder).ok()?;
        uses.into_iter().next_back().map(|last| last.time)
    }

    /// Writes a use of a key into the log of uses. Where that fails, the use stands: a full disk must not keep the holder
    /// out, and the log only tells.
    pub fn log_use(&mut self, usage: &Usage, outcome: Outcome) {
        if let Err(error) = self.uses.append(usage, outcome) {
            tracing::warn!("the log of uses lacks one: {error}");
        }
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
        self.write_change(change)
    }

    fn write_change<R, E: From<StateError>>(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut next = self.state.clone();
        let result = change(&mut next)?;
        if next != self.state {
            // What would be refused when it is read again is not written: the card would be gone.
            next.check()
                .map_err(|reason| StateError::Inconsistent { reason })?;
            self.stamp = write(&self.folder, &next)?;
            self.state = next;
            self.revision += 1;
        }
        Ok(result)
    }

    /// As [`Self::update`], for a host, which has proved something to the card as it was at the last
    /// [`Self::refresh`]: it must not change what another process has put in that card's place.
    ///
    /// # Errors
    /// [`StateError::ChangedMeanwhile`] where one has, or as [`Self::update`].
    pub fn change<R, E: From<StateError>>(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<R, E>,
    ) -> Result<R, E> {
        let lock = self.lock()?;
        let _guard = Guard::take(&lock, &self.folder.join(LOCK_FILE))?;
        self.expect_unchanged()?;
        self.write_change(change)
    }

    fn expect_unchanged(&mut self) -> Result<(), StateError> {
        self.reload_if_replaced()?;
        if self.changed_by_another {
            return Err(StateError::ChangedMeanwhile(self.folder.clone()));
        }
        Ok(())
    }

    /// As [`Self::change`]; `change` knows the tries left too.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn change_knowing_tries<R, E: From<StateError>>(
        &mut self,
        change: impl FnOnce(&mut CardState, Tries) -> Result<R, E>,
    ) -> Result<R, E> {
        let folder = self.folder.clone();
        self.change(|state| {
            let tries = Tries::of(&read_counters(&folder, state)?, state);
            change(state, tries)
        })
    }
}

impl Tries {
    pub(super) fn of(counters: &Counters, state: &CardState) -> Self {
        Self {
            pin: counters.left(Counter::Pin, &state.pin),
            puk: counters.left(Counter::Puk, &state.puk),
            global_pin: state
                .global_pin
                .as_ref()
                .map(|data| counters.left(Counter::GlobalPin, data)),
        }
    }
}

pub(super) fn read_counters(folder: &Path, state: &CardState) -> Result<Counters, StateError> {
    Counters::read_for(folder, &state.pin, &state.puk, state.global_pin.as_ref())
}

pub(super) fn read(folder: &Path) -> Result<Option<(Content, Stamp)>, StateError> {
    let path = folder.join(CARD_FILE);
    let Some(file::Content { bytes, stamp }) = file::read(&path)? else {
        return Ok(None);
    };
    Ok(Some((format::decode(&path, &bytes)?, stamp)))
}

/// Makes the first card of a folder; refuses to where there was one before.
fn make(folder: &Path) -> Result<(CardState, Stamp), StateError> {
    if folder::trace_of_a_card(folder)?.is_some() {
        return Err(folder::card_is_gone(folder)?);
    }
    let state = CardState::new()?;
    let (pin, puk) = (&state.pin, &state.puk);
    Counters::new((pin, pin.limit), (puk, puk.limit)).create(folder)?;
    let stamp = write(folder, &state)?;
    Ok((state, stamp))
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
