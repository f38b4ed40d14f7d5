//! Whether a card is there, as its reader reports: nothing is sent to the card.

use std::ffi::CStr;
use std::time::Duration;

use crate::pcsc::Insertion;
use crate::pcsc::bounded::BoundedReaders;

/// How long one look for a card that is away may take.
const LOOK: Duration = Duration::from_millis(100);

/// The insertion of the card that is in the reader.
pub fn insertion(readers: &BoundedReaders, reader: &CStr) -> Option<Insertion> {
    readers
        .snapshot()
        .into_iter()
        .find(|status| status.name.as_c_str() == reader)
        .and_then(|status| status.card)
}

/// Waits a little for a card in the reader.
pub fn wait(readers: &BoundedReaders, reader: &CStr) {
    let time = LOOK.min(readers.bounds.grace);
    let known = readers.snapshot();
    let is_here = known
        .iter()
        .any(|status| status.name.as_c_str() == reader && status.card.is_some());
    if is_here {
        // It is there and could not be reached: give it a moment.
        std::thread::sleep(time);
    } else {
        readers.wait(&known, time);
    }
}
