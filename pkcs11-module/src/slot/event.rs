//! Slot events (PKCS#11 3.0, 5.5.4): cards that come and go, and who waits for them.

use std::time::Duration;

use cryptoki_sys::CK_SLOT_ID;

use super::Slots;
use crate::end::End;
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
