//! What the server knows of its audit trail's seals.

use std::sync::{Mutex, PoisonError};

use enroll_server_model::Timestamp;

/// What the last check of the whole trail found, for as long as the server runs.
#[derive(Debug, Default)]
pub struct AuditCheck(Mutex<Option<Checked>>);

/// One check of the whole trail.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// When it ended.
    pub at: Timestamp,
    /// How many events there were.
    pub events: i64,
    /// The number of the first event that is missing or was changed; none if all are there.
    pub broken: Option<i64>,
}

impl AuditCheck {
    /// The last one; none if there was none yet.
    pub fn latest(&self) -> Option<Checked> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a check found.
    pub(crate) fn note(&self, checked: Checked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked);
    }
}
