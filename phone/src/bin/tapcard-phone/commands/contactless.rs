//! `tapcard-phone contactless`: what hosts may do with the card over NFC.

use std::io::{self, Write};

use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::secure_messaging;
use tapcard_phone::state::{ContactlessPolicy, StateError, Store};

use super::{CommandError, pairing_code};
use crate::args::Contactless;

/// Keeps what the holder has decided, and tells the pairing code where hosts need it.
pub fn run(arguments: &Contactless) -> Result<(), CommandError> {
    let mut store = Store::open(&arguments.state.folder)?;
    secure_messaging::prepare(&mut store, &SoftwareKeyStore)?;
    store.update(|state| {
        state.contactless = arguments.policy;
        Ok::<_, StateError>(())
    })?;
    let mut out = io::stdout().lock();
    match arguments.policy {
        ContactlessPolicy::ContactLike => {
            writeln!(out, "Over NFC the card behaves as over contact now.")?;
        }
        ContactlessPolicy::Strict => {
            writeln!(
                out,
                "Over NFC the card asks for an encrypted channel and the pairing code now."
            )?;
            match pairing_code(store.state()) {
                Some(code) => writeln!(out, "  Pairing code {code}")?,
                None => writeln!(
                    out,
                    "The card has no pairing code: whoever administers it has taken it away, and no host can be paired."
                )?,
            }
        }
        ContactlessPolicy::StrictWithoutPairing => {
            writeln!(out, "Over NFC the card asks for an encrypted channel now.")?;
        }
    }
    Ok(())
}
