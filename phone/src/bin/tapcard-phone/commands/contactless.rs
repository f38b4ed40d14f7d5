//! `tapcard-phone contactless`: what hosts may do with the card over NFC.

use std::io::{self, Write};

use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::secure_messaging;
use tapcard_phone::state::{CardState, ContactlessPolicy, Snapshot, StateError, Store};

use super::{CommandError, nothing_over_nfc, pairing_code};
use crate::args::Contactless;

/// Keeps what the holder has decided, or shows it, and tells the pairing code where hosts need it.
pub fn run(arguments: &Contactless) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    let mut out = io::stdout().lock();
    let Some(policy) = arguments.policy else {
        return Ok(show(&mut out, &Snapshot::read(folder)?.state)?);
    };
    let mut store = Store::open(folder)?;
    secure_messaging::prepare(&mut store, &SoftwareKeyStore)?;
    store.update(|state| {
        state.contactless = policy;
        Ok::<_, StateError>(())
    })?;
    Ok(show(&mut out, store.state())?)
}

fn show(out: &mut impl Write, state: &CardState) -> io::Result<()> {
    let policy = state.contactless;
    match nothing_over_nfc(state) {
        Some(why) => writeln!(
            out,
            "{policy}: as a PIV card, {}\nOver NFC {why}.",
            meaning(policy)
        )?,
        None => writeln!(out, "{policy}: {}", meaning(policy))?,
    }
    if policy != ContactlessPolicy::Strict {
        return Ok(());
    }
    match pairing_code(state) {
        Some(code) => writeln!(out, "  Pairing code {code}"),
        None => writeln!(
            out,
            "The card has no pairing code: whoever administers it has taken it away, and no host can be paired."
        ),
    }
}

fn meaning(policy: ContactlessPolicy) -> &'static str {
    match policy {
        ContactlessPolicy::ContactLike => "over NFC the card behaves as over contact.",
        ContactlessPolicy::Strict => {
            "over NFC the card asks for an encrypted channel and the pairing code."
        }
        ContactlessPolicy::StrictWithoutPairing => {
            "over NFC the card asks for an encrypted channel."
        }
    }
}
