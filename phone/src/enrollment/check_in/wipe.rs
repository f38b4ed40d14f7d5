//! Emptying the card, as the server says of a phone that is revoked.

use super::error::CheckInError;
use crate::state::{CardState, CheckIn};

/// Makes it a new card, with another identity and none of its keys, certificates and secrets. What its holder has decided for hosts
/// stays, and so does what the server is told with that it is empty.
pub(super) fn empty(state: &mut CardState, own: &CheckIn) -> Result<(), CheckInError> {
    let present = state.check_in.as_ref();
    if present.is_none_or(|present| present.key != own.key) {
        return Err(CheckInError::Interrupted);
    }
    let consent = std::mem::take(&mut state.consent);
    *state = CardState {
        consent,
        contactless: state.contactless,
        pin_entry: state.pin_entry,
        check_in: Some(CheckIn {
            renewal: Default::default(),
            unblocking: None,
            is_wiped: true,
            ..own.clone()
        }),
        ..CardState::new()?
    };
    Ok(())
}
