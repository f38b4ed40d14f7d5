//! RESET (FB): back to a new card, once PIN and PUK are both blocked.

use card_edge::Status;
use card_edge::apdu::Command;

use crate::piv::context::{Context, Session};
use crate::piv::parameters::parameters;
use crate::refusal::{Answer, Refusal, status_of};
use crate::state::CardState;

/// Resets the card.
pub(super) struct Reset;

impl Reset {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0, 0)).map(|()| Self)
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let store = &mut context.resources.store;
        store
            .change_knowing_tries(|state, tries| {
                if tries.pin > 0 || tries.puk > 0 {
                    return Err(Refusal::With(Status::ConditionsNotSatisfied));
                }
                // The global PIN is the card's, and not this application's; what its holder has decided for the contactless
                // interface, where the PIN is typed, and for which keys the phone asks, no host takes back.
                let global_pin = state.global_pin.take();
                let consent = std::mem::take(&mut state.consent);
                *state = CardState {
                    global_pin,
                    consent,
                    contactless: state.contactless,
                    pin_entry: state.pin_entry,
                    ..CardState::new()?
                };
                if state.global_pin.is_some() {
                    // A global PIN that nobody has given now could not open what the new card encrypts.
                    state.unseal_keys(None)?;
                }
                Ok(())
            })
            .map_err(status_of)?;
        *context.session = Session::default();
        context.resources.open_keys.close();
        Ok(Status::Success.into())
    }
}
