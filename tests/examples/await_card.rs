//! Says `card` on standard output as soon as PC/SC reports a card in any reader.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::Write;

use pcsc::{Context, ReaderState, Scope, State};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::establish(Scope::User)?;
    let mut states: Vec<ReaderState> = context
        .list_readers_owned()?
        .into_iter()
        .map(|name| ReaderState::new(name, State::UNAWARE))
        .collect();
    loop {
        context.get_status_change(None, &mut states)?;
        if states
            .iter()
            .any(|state| state.event_state().contains(State::PRESENT))
        {
            break;
        }
        for state in &mut states {
            state.sync_current_state();
        }
    }
    let mut out = std::io::stdout();
    out.write_all(b"card\n")?;
    Ok(out.flush()?)
}
