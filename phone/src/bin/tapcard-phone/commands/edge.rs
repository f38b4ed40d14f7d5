//! `tapcard-phone card-edge`: a PIV card or a GIDS card.

use std::io::{self, Write};

use tapcard_phone::gids::provision;

use super::{CommandError, key_encryption, open_or_create, present_pin};
use crate::args::{CardEdge, CardEdgeChoice};

/// Makes the card what it shall be.
pub fn run(arguments: &CardEdge) -> Result<(), CommandError> {
    if arguments.blank && arguments.card_edge == CardEdgeChoice::Piv {
        return Err(CommandError::BlankPiv);
    }
    let mut store = open_or_create(&arguments.state.folder)?;
    // What a host has begun with the one card must not go on with the other.
    let _running = store.begin_running()?;
    let done = match (arguments.card_edge, arguments.blank) {
        (CardEdgeChoice::Piv, _) => {
            store.update(provision::withdraw)?;
            let keys = key_encryption(store.state());
            format!("The card is a PIV card now. Its keys are {keys}.")
        }
        (CardEdgeChoice::Gids, false) => {
            let opening = if store.state().sealed_keys().next().is_some() {
                present_pin::opening_key(&mut store)?
            } else {
                None
            };
            store.change(|state| {
                state.unseal_keys(opening.as_ref())?;
                provision::provision(state)
            })?;
            let gids = store.state().gids.as_ref();
            let containers = gids.map_or(0, |gids| gids.key_pairs().count());
            let keys = key_encryption(store.state());
            format!(
                "The card is a GIDS card now, with {containers} keys (those on curves are not shown there). Its keys are {keys}."
            )
        }
        (CardEdgeChoice::Gids, true) => {
            store.update(provision::provision_blank)?;
            "The card is a blank GIDS card now: make it with a tool (gids-tool --initialize)."
                .to_owned()
        }
    };
    writeln!(io::stdout(), "{done}")?;
    if store.state().gids.is_some() && store.state().contactless.is_strict() {
        writeln!(
            io::stdout(),
            "Over NFC it does nothing now: the card is {}, and GIDS knows no encrypted channel.",
            store.state().contactless
        )?;
    }
    Ok(())
}
