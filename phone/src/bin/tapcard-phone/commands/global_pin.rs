//! `tapcard-phone global-pin`: a second PIN, which the card's rules take as they take the PIV PIN.

use std::io::{self, Write};

use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{GLOBAL_PIN_TRIES, StateError, Store};

use super::{CommandError, new_pin, present_pin};
use crate::args::GlobalPin;

const PIN_VARIABLE: &str = "TAPCARD_GLOBAL_PIN";

/// Gives the card a global PIN, or takes it away.
pub fn run(arguments: &GlobalPin) -> Result<(), CommandError> {
    let mut store = Store::open(&arguments.state.folder)?;
    let had_one = store.state().global_pin.is_some();
    let pin = if arguments.remove {
        None
    } else {
        // Whoever adds a PIN knows the one that is there. A GIDS card's need not be one of PIV, and nothing depends on it.
        let opening = match store.state().gids {
            Some(_) => None,
            None => present_pin::opening_key(&mut store)?,
        };
        let pin = match new_pin::given(PIN_VARIABLE)? {
            Some(pin) => pin,
            None => new_pin::ask("Global PIN", PIN_VARIABLE)?,
        };
        let data = ReferenceData::new(pin.as_bytes(), GLOBAL_PIN_TRIES, false, opening.as_ref());
        Some(data.map_err(StateError::from)?)
    };
    let done = match (had_one, &pin) {
        (false, Some(_)) => "The card has a global PIN now.",
        (true, Some(_)) => "The card has another global PIN now.",
        (true, None) => "The card has no global PIN now.",
        (false, None) => "The card had no global PIN.",
    };
    store.change(|state| {
        state.global_pin = pin;
        Ok::<_, StateError>(())
    })?;
    writeln!(io::stdout(), "{done}")?;
    Ok(())
}
