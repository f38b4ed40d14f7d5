//! `tapcard-phone card-edge`: a PIV card or a GIDS card.

use std::io::{self, Write};

use tapcard_phone::gids::provision::{self, ProvisionError};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{CardState, Stage};

use super::{
    CommandError, key_encryption, nothing_over_nfc, number_of_keys, open_or_create, present_pin,
};
use crate::args::{CardEdge, CardEdgeChoice};

/// Makes the card what it shall be.
pub fn run(arguments: &CardEdge) -> Result<(), CommandError> {
    if arguments.blank && arguments.card_edge == CardEdgeChoice::Piv {
        return Err(CommandError::BlankPiv);
    }
    let mut store = open_or_create(&arguments.state.folder)?;
    // What a host has begun with the one card must not go on with the other.
    let _running = store.begin_running()?;
    let forget = |state: &mut CardState| match arguments.forget_files {
        true => provision::forget_host_files(state),
        false => Ok(()),
    };
    let done = match (arguments.card_edge, arguments.blank) {
        (CardEdgeChoice::Piv, _) => {
            store.update(|state| {
                forget(state)?;
                provision::withdraw(state)?;
                Ok::<_, ProvisionError>(state.seal_keys(&SoftwareKeyStore)?)
            })?;
            let keys = key_encryption(store.state());
            format!("The card is a PIV card now. Its keys are {keys}.")
        }
        (CardEdgeChoice::Gids, false) => {
            let opening = if store.state().sealed_keys().next().is_some() {
                present_pin::opening_key(&mut store)?
            } else {
                None
            };
            // The files of a card that is made stay.
            let is_made = store
                .state()
                .gids
                .as_ref()
                .is_some_and(|gids| gids.stage == Stage::Operational);
            store.change(|state| {
                state.unseal_keys(opening.as_ref())?;
                if !is_made {
                    forget(state)?;
                }
                provision::provision(state)
            })?;
            let gids = store.state().gids.as_ref();
            let containers = gids.map_or(0, |gids| gids.key_pairs().count());
            let containers = number_of_keys(containers);
            let not_shown = match provision::keys_on_curves(store.state()) {
                0 => "",
                _ => " (those on curves are not shown there)",
            };
            let keys = key_encryption(store.state());
            let stays = if is_made && arguments.forget_files {
                "\nWhat hosts have written to it stays: --forget-files works with `piv` and with --blank."
            } else {
                ""
            };
            format!(
                "The card is a GIDS card now, with {containers}{not_shown}. Its keys are {keys}.{stays}"
            )
        }
        (CardEdgeChoice::Gids, true) => {
            store.update(|state| {
                forget(state)?;
                provision::provision_blank(state)
            })?;
            "The card is a blank GIDS card now: make it with a tool (gids-tool --initialize)."
                .to_owned()
        }
    };
    writeln!(io::stdout(), "{done}")?;
    if let Some(why) = nothing_over_nfc(store.state()) {
        writeln!(io::stdout(), "Over NFC {why}.")?;
    }
    Ok(())
}
