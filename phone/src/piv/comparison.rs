//! The comparison of a PIN or PUK, under its retry counter.
//!
//! A retry counter is on disk before a value is compared: pulling the card away at the right moment wins no try.

use card_edge::Status;
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};
use card_edge::piv::{Pin, Puk};
use subtle::ConstantTimeEq;

use super::context::Context;
use super::policy::intermediate_retry_value;
use super::security_status::PinKind;
use crate::refusal::{Refusal, status_of_state};
use crate::state::reference_data::ReferenceData;
use crate::state::{CardState, Counter, OpeningKey, StateError, Try};

/// The counter of a PIN.
pub(super) fn counter(kind: PinKind) -> Counter {
    match kind {
        PinKind::Piv => Counter::Pin,
        PinKind::Global => Counter::GlobalPin,
    }
}

/// Takes one try, has that on disk, and compares. Gives what decrypts the card's keys, where it encrypts them; 63Cx with
/// the tries left where the value is another, 6983 where there are none.
pub(super) fn compare(
    context: &mut Context<'_>,
    counter: Counter,
    value: &[u8; 8],
) -> Result<Option<OpeningKey>, Status> {
    let floor = intermediate_retry_value(context.resources.interface);
    let taken = context.resources.store.take_try(counter, floor);
    let Try::Taken { data, left } = taken.map_err(status_of_state)? else {
        return Err(Status::AuthenticationMethodBlocked);
    };
    match data.matches(value) {
        Ok(true) => match context.state().opening_key(&data, value) {
            Ok(opening) => Ok(opening),
            Err(error) => {
                // The value was right: what is wrong with the file costs its holder no try.
                restore(context, counter)?;
                Err(status_of_state(error.into()))
            }
        },
        Ok(false) => {
            let security = &mut context.session.security;
            match counter {
                Counter::Pin => security.pin_unverified(PinKind::Piv),
                Counter::GlobalPin => security.pin_unverified(PinKind::Global),
                Counter::Puk => {}
            }
            Err(Status::TriesLeft(left.saturating_sub(floor)))
        }
        Err(error) => Err(status_of_state(StateError::from(error))),
    }
}

/// The value was proved: all tries are there again.
pub(super) fn restore(context: &mut Context<'_>, counter: Counter) -> Result<(), Status> {
    context
        .resources
        .store
        .restore_tries(counter)
        .map_err(status_of_state)
}

/// A new PIN with all its tries.
pub(super) fn replace_pin(
    state: &mut CardState,
    new: &Pin,
    opening: Option<&OpeningKey>,
) -> Result<(), Refusal> {
    let is_default =
        Pin::new(DEFAULT_PIN.as_bytes()).is_ok_and(|default| new.ct_eq(&default).into());
    state.pin = ReferenceData::new(new.as_bytes(), state.pin.limit, is_default, opening)?;
    Ok(())
}

/// A new global PIN with all its tries.
pub(super) fn replace_global_pin(
    state: &mut CardState,
    new: &Pin,
    opening: Option<&OpeningKey>,
) -> Result<(), Refusal> {
    if let Some(global_pin) = &mut state.global_pin {
        *global_pin = ReferenceData::new(new.as_bytes(), global_pin.limit, false, opening)?;
    }
    Ok(())
}

/// A new PUK with all its tries.
pub(super) fn replace_puk(
    state: &mut CardState,
    new: &Puk,
    opening: Option<&OpeningKey>,
) -> Result<(), Refusal> {
    let is_default =
        Puk::new(DEFAULT_PUK.as_bytes()).is_ok_and(|default| new.ct_eq(&default).into());
    state.puk = ReferenceData::new(new.as_bytes(), state.puk.limit, is_default, opening)?;
    Ok(())
}
