//! The server's condition, as the periodic work found it last.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use enroll_server_store::{Nature, StoreError};

use crate::error::Error;
use crate::space::Space;

/// What is wrong with a part of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no space left.
    Full,
    /// Another process is at work, or there was no answer in time.
    Busy,
    /// It cannot be reached.
    Unreachable,
    /// It is damaged.
    Damaged,
    /// It fails; the log says why.
    Failing,
    /// It was not tried lately.
    Stale,
}

impl Trouble {
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Unavailable(error) | Error::Store(error) => Self::of_store(error),
            Error::Busy { .. } => Self::Busy,
            _ => Self::Failing,
        }
    }

    fn of_store(error: &StoreError) -> Self {
        match error.nature() {
            Nature::Full => Self::Full,
            Nature::Busy => Self::Busy,
            Nature::Disconnected => Self::Unreachable,
            Nature::Damaged => Self::Damaged,
            Nature::Passing | Nature::Unusable | Nature::Fault => Self::Failing,
        }
    }

    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Damaged => "damaged",
            Self::Failing => "failing",
            Self::Stale => "stale",
        }
    }
}

/// What is kept on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// The data folder.
    Data,
    /// SQLite's file.
    Database,
}

/// What the periodic work found last.
#[derive(Debug, Default)]
pub struct Health(Mutex<Readings>);

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    /// When a write was tried last, and whether the database took it.
    pub(crate) writes: Option<(Instant, Result<(), Trouble>)>,
    /// The space of each disk.
    pub(crate) space: Vec<(Volume, Space)>,
}

impl Health {
    /// What was found last.
    pub(crate) fn found(&self) -> Readings {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.clone()
    }

    /// Keeps what was found.
    pub(crate) fn keep(&self, found: Readings) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Whether the database took the last write that was tried.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn writes(&self) -> Result<(), Trouble> {
        self.found().writes.map_or(Ok(()), |(_, outcome)| outcome)
    }

    /// The disk that is nearly full, if one is: the one with the least space.
    #[must_use]
    pub fn low_space(&self) -> Option<Space> {
        let low = self.found().space.into_iter().map(|(_, space)| space);
        low.filter(|space| space.is_low())
            .min_by_key(|space| space.available)
    }
}
