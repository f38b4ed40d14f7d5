//! `tapcard-phone pin-entry`: where the PIN can be typed that a host asks for.

use std::io::{self, Write};

use tapcard_phone::state::{PinEntry, Snapshot, StateError, Store};

use super::CommandError;
use crate::args;

/// Keeps what the holder has decided, or shows it.
pub fn run(arguments: &args::PinEntry) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    let entry = match arguments.place {
        Some(entry) => {
            Store::open(folder)?.update(|state| {
                state.pin_entry = entry;
                Ok::<_, StateError>(())
            })?;
            entry
        }
        None => Snapshot::read(folder)?.state.pin_entry,
    };
    Ok(writeln!(io::stdout(), "{entry}: {}", meaning(entry))?)
}

/// In words.
pub(super) fn meaning(entry: PinEntry) -> &'static str {
    match entry {
        PinEntry::Host => "hosts ask for the PIN themselves, and send it.",
        PinEntry::Phone => {
            "hosts that know how have you type the PIN at the phone; others send it as before."
        }
    }
}
