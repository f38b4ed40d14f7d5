//! `tapcard-phone consent`: what the use of a key by a host needs.

use std::io::{self, Write};

use card_edge::piv::AsymmetricKey;
use tapcard_phone::key_store::{Consent, KeyPlace};
use tapcard_phone::state::{CardState, Gids, Snapshot, Store};

use super::CommandError;
use crate::args;

/// Sets the policy of a slot, or shows it, or those of all.
pub fn run(arguments: &args::Consent) -> Result<(), CommandError> {
    let folder = &arguments.state.folder;
    let mut out = io::stdout().lock();
    let Some(named) = arguments.slot else {
        return Ok(show(&mut out, &Snapshot::read(folder)?.state)?);
    };
    let (slot, consent) = match arguments.policy {
        Some(consent) => Store::open(folder)?.update(|state| {
            let slot = key_of(state, named)?;
            state.set_consent(slot, consent);
            Ok::<_, CommandError>((slot, consent))
        })?,
        None => {
            let state = Snapshot::read(folder)?.state;
            let slot = key_of(&state, named)?;
            (slot, state.consent_of(slot))
        }
    };
    if slot != named {
        writeln!(out, "{named} of the GIDS card is the key {slot}.")?;
    }
    Ok(writeln!(out, "{slot}  {consent}: {}", meaning(consent))?)
}

/// The key that a policy is for: a file of a GIDS card may hold one of PIV's.
fn key_of(state: &CardState, named: KeyPlace) -> Result<KeyPlace, CommandError> {
    let key = match named {
        KeyPlace::Slot(_) => Some(named),
        KeyPlace::Container(reference) => state
            .gids
            .as_ref()
            .and_then(|gids| gids.place_of(reference)),
    };
    key.ok_or(CommandError::NoKey(named))
}

fn show(out: &mut impl Write, state: &CardState) -> io::Result<()> {
    let slots = AsymmetricKey::all().filter(|slot| {
        AsymmetricKey::MAIN.contains(slot)
            || state.keys.contains_key(slot)
            || state.consent_of(*slot) != Consent::default()
    });
    let slots = slots.filter(|slot| *slot != AsymmetricKey::Attestation);
    let containers = state.gids.iter().flat_map(Gids::own_keys);
    let containers = containers.filter_map(|(name, _)| name.parse().ok());
    for place in slots.map(KeyPlace::Slot).chain(containers) {
        let consent = state.consent_of(place);
        writeln!(
            out,
            "{:<4}  {:<24}  {consent}",
            place.to_string(),
            place.name()
        )?;
    }
    Ok(())
}

fn meaning(consent: Consent) -> &'static str {
    match consent {
        Consent::Pin => "its PIN rule alone decides.",
        Consent::ConfirmOnPhone => "after the PIN rule, each use waits for your answer.",
        Consent::Never => "no host can use it.",
    }
}
