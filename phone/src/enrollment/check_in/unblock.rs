//! A new PIN without the present one, as the organisation allows it.

use card_edge::piv::Pin;
use enrollment_protocol::unblocking::{UnblockingCode, UnblockingKey};

use super::conversation::Conversation;
use super::error::CheckInError;
use crate::enrollment::enroll::Device;
use crate::state::reference_data::ReferenceData;
use crate::state::{CardState, StateError, Store};

/// Fetches the unblocking key with the code that the holder was told, and gives the card this PIN, with all its tries.
///
/// # Errors
/// [`CheckInError`]. The card then is as it was, and the code is as good as before unless the server refused it.
pub fn unblock(
    store: &mut Store,
    device: Device<'_>,
    code: UnblockingCode,
    pin: &Pin,
) -> Result<(), CheckInError> {
    let _alone = store.begin_enrollment()?;
    store.refresh()?;
    let own = store.state().check_in.clone();
    let own = own.ok_or(CheckInError::NotEnrolled)?;
    if own.unblocking.is_none() {
        return Err(CheckInError::NoUnblockingKey);
    }
    let key = Conversation::begin(device, &own)?.unblock(code)?;
    store.update(|state| set_pin(state, &key, pin))
}

fn set_pin(state: &mut CardState, key: &UnblockingKey, pin: &Pin) -> Result<(), CheckInError> {
    let kept = state
        .check_in
        .as_ref()
        .and_then(|own| own.unblocking.as_ref());
    let kept = kept.ok_or(CheckInError::Interrupted)?;
    if !kept.matches(key.as_bytes()).map_err(StateError::from)? {
        return Err(CheckInError::OtherUnblockingKey);
    }
    let opening = state.opening_key(kept, key.as_bytes())?;
    let limit = state.pin.limit;
    let pin = ReferenceData::new(pin.as_bytes(), limit, false, opening.as_ref());
    state.pin = pin.map_err(StateError::from)?;
    if let Some(gids) = &mut state.gids {
        gids.pin_is_not_of_piv = false;
    }
    Ok(())
}
