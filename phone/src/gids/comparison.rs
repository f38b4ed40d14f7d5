//! The comparison of the PIN, under the retry counter that both card edges share.
//!
//! A try is on disk before a value is compared, and over NFC the last one cannot be used, as with PIV.

use card_edge::Status;
use card_edge::gids::GidsPin;
use card_edge::piv::pin::DEFAULT_PIN;

use super::context::Context;
use crate::key_store::PinProof;
use crate::piv::intermediate_retry_value;
use crate::refusal::{Refusal, status_of_state};
use crate::state::reference_data::ReferenceData;
use crate::state::{CardState, Counter, StateError, Try};

/// Takes one try, has that on disk, and compares each of these with the PIN: what comes with the one that it is, 63Cx with
/// the tries left where the PIN is another, 6983 where there are no tries.
pub(super) fn compare<T>(
    context: &mut Context<'_>,
    presented: Vec<(GidsPin, T)>,
) -> Result<T, Status> {
    let floor = intermediate_retry_value(context.resources.interface);
    let taken = context.resources.store.take_try(Counter::Pin, floor);
    let Try::Taken { data, left } = taken.map_err(status_of_state)? else {
        return Err(Status::AuthenticationMethodBlocked);
    };
    let mut found = None;
    for (pin, with_it) in presented {
        let matches = data.matches(&pin.padded());
        if matches.map_err(|error| status_of_state(StateError::from(error)))? {
            found = Some(with_it);
        }
    }
    found.ok_or_else(|| {
        context.session.pin = PinProof::None;
        Status::TriesLeft(left.saturating_sub(floor))
    })
}

/// The PIN was proved: all tries are there again.
pub(super) fn restore(context: &mut Context<'_>) -> Result<(), Status> {
    let restored = context.resources.store.restore_tries(Counter::Pin);
    restored.map_err(status_of_state)
}

/// A new PIN with all its tries.
pub(super) fn replace(state: &mut CardState, new: &GidsPin) -> Result<(), Refusal> {
    let padded = new.padded();
    let is_default = GidsPin::new(DEFAULT_PIN.as_bytes())
        .is_ok_and(|default| subtle::ConstantTimeEq::ct_eq(&**default.padded(), &**padded).into());
    state.pin = ReferenceData::new(&padded, state.pin.limit, is_default, None)?;
    let gids = state.gids.as_mut();
    gids.ok_or(Status::ConditionsNotSatisfied)?
        .pin_is_not_of_piv = !new.is_of_piv();
    Ok(())
}
