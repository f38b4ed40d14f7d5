//! What is kept in memory for each authority.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as ShortMutex, PoisonError};
use std::time::Duration;

use enroll_server_ca::key_id::KeyId;
use enroll_server_model::Timestamp;
use tokio::sync::Mutex;

use crate::error::Error;

/// After how long what failed is tried again: who asks meanwhile costs nothing.
const RETRIED_AFTER: Duration = Duration::from_secs(60);

/// What is kept of one authority.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    /// It, if it was made yet.
    pub(crate) made: Option<Arc<T>>,
    failed: Option<Failed>,
}

/// An attempt in vain.
#[derive(Debug)]
struct Failed {
    at: Timestamp,
    reason: String,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            made: None,
            failed: None,
        }
    }
}

impl<T> Slot<T> {
    /// Whether it may be tried: not where it failed a moment ago.
    ///
    /// # Errors
    /// [`Error::TriedInVain`].
    pub(crate) fn may_try(&self, now: Timestamp) -> Result<(), Error> {
        match &self.failed {
            Some(failed) if failed.at.is_within(RETRIED_AFTER, now) => {
                Err(Error::TriedInVain(failed.reason.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Keeps in mind that it failed. Returns the error, or [`Error::TriedInVain`] where it failed for the same reason
    /// before: what is known need not be said again.
    pub(crate) fn failed(&mut self, error: Error, now: Timestamp) -> Error {
        // The database may answer the next moment, and costs nothing to ask.
        if matches!(error, Error::Store(_) | Error::Unavailable(_)) {
            return error;
        }
        let reason = error.to_string();
        let known = self.failed.replace(Failed {
            at: now,
            reason: reason.clone(),
        });
        match known {
            Some(known) if known.reason == reason => Error::TriedInVain(reason),
            _ => error,
        }
    }

    /// Keeps what was made.
    pub(crate) fn keep(&mut self, made: Arc<T>) {
        *self = Self {
            made: Some(made),
            failed: None,
        };
    }

    /// Whether the last attempt failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failed.is_some()
    }
}

/// What is made for one authority. Whoever makes it holds the lock, so that it is made once.
pub(crate) type Made<T> = Mutex<Slot<T>>;

/// Something for each authority. Each has its own: a root whose key takes long to read keeps nobody waiting who asks another
/// authority.
#[derive(Debug)]
pub(crate) struct PerIssuer<T>(ShortMutex<HashMap<KeyId, Arc<T>>>);

impl<T> Default for PerIssuer<T> {
    fn default() -> Self {
        Self(ShortMutex::default())
    }
}

impl<T: Default> PerIssuer<T> {
    /// That of an authority.
    pub(crate) fn of(&self, issuer: KeyId) -> Arc<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(issuer).or_default().clone()
    }
}
