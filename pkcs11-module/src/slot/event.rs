//! Slot events (PKCS#11 3.0, 5.5.4): cards that come and go, and who waits for them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cryptoki_sys::CK_SLOT_ID;

use super::Slots;
use crate::error::{Error, Result};

/// The longest time between two looks at the readers.
const LOOK: Duration = Duration::from_millis(250);

/// Whether `C_WaitForSlotEvent` waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// It does.
    Wait,
    /// `CKF_DONT_BLOCK`
    DontBlock,
}

/// The end of the module, which ends every wait.
#[derive(Default)]
pub struct End {
    has_come: Mutex<bool>,
    comes: Condvar,
}

impl End {
    /// It has come.
    pub fn announce(&self) {
        *self.lock() = true;
        self.comes.notify_all();
    }

    fn has_come(&self) -> bool {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.has_come.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for it, this long at most.
    fn wait(&self, time: Duration) {
        drop(
            self.comes
                .wait_timeout_while(self.lock(), time, |has_come| !*has_come),
        );
    }
}

impl Slots {
    /// `C_WaitForSlotEvent`: the slot where a card came or went. The end of the module ends the wait.
    ///
    /// # Errors
    /// [`Error::NoEvent`], [`Error::NotInitialized`] after the end.
    pub fn wait_for_event(&self, blocking: Blocking, end: &End) -> Result<CK_SLOT_ID> {
        loop {
            if end.has_come() {
                return Err(Error::NotInitialized);
            }
            let present = self.refresh();
            if let Some(slot) = self.next_event(&present) {
                return Ok(slot);
            }
            if blocking == Blocking::DontBlock {
                return Err(Error::NoEvent);
            }
            if present.is_empty() {
                end.wait(LOOK);
            } else {
                self.readers().wait(&present, LOOK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn an_end_that_came_before_the_wait_ends_it() {
        let end = End::default();
        end.announce();
        let begun = Instant::now();
        end.wait(Duration::from_secs(60));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}
