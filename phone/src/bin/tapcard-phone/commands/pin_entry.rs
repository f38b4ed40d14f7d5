//! `tapcard-phone pin-entry`: where the PIN can be typed that a host asks for.

use std::io::{self, Write};

use tapcard_phone::state::{CardState, PinEntry, Snapshot, StateError, Store};

use super::CommandError;
use crate::args;

/// Keeps what the holder has decided, or shows it.
pub fn run(arguments: &args::PinEntry) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    if let Some(entry) = arguments.place {
        Store::open(folder)?.update(|state| {
            state.pin_entry = entry;
            Ok::<_, StateError>(())
        })?;
    }
    let state = Snapshot::read(folder)?.state;
    let entry = state.pin_entry;
    let not_now = match entry {
        PinEntry::Phone => not_now(&state),
        PinEntry::Host => "",
    };
    Ok(writeln!(
        io::stdout(),
        "{entry}: {}{not_now}.",
        meaning(entry)
    )?)
}

/// What follows where the card does not ask for the PIN at the phone, whatever its holder has decided.
pub(super) fn not_now(state: &CardState) -> &'static str {
    match state.gids {
        Some(_) => ", but not while it is a GIDS card",
        None => "",
    }
}

/// In words.
fn meaning(entry: PinEntry) -> &'static str {
    match entry {
        PinEntry::Host => "hosts ask for the PIN themselves, and send it",
        PinEntry::Phone => {
            "others send the PIN as before; hosts that know how have you type it at the phone"
        }
    }
}
