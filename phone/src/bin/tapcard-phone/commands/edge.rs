//! `tapcard-phone card-edge`: a PIV card or a GIDS card.

use std::io::{self, Write};

use tapcard_phone::gids::provision;

use super::{CommandError, open_or_create};
use crate::args::{CardEdge, CardEdgeChoice};

/// Makes the card what it shall be.
pub fn run(arguments: &CardEdge) -> Result<(), CommandError> {
    let mut store = open_or_create(&arguments.state.folder)?;
    // What a host has begun with the one card must not go on with the other.
    let _running = store.begin_running()?;
    let done = match (arguments.card_edge, arguments.blank) {
        (CardEdgeChoice::Piv, false) => {
            store.update(provision::withdraw)?;
            "The card is a PIV card now.".to_owned()
        }
        (CardEdgeChoice::Gids, false) => {
            store.update(provision::provision)?;
            let gids = store.state().gids.as_ref();
            let containers = gids.map_or(0, |gids| gids.key_pairs().count());
            format!("The card is a GIDS card now, with {containers} keys.")
        }
        (CardEdgeChoice::Gids, true) => {
            store.update(provision::provision_blank)?;
            "The card is a blank GIDS card now: make it with a tool (gids-tool --initialize)."
                .to_owned()
        }
        (CardEdgeChoice::Piv, true) => return Err(CommandError::BlankPiv),
    };
    writeln!(io::stdout(), "{done}")?;
    Ok(())
}
