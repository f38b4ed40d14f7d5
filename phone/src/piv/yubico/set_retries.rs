//! SET RETRIES (FA): new retry limits; PIN and PUK become the default ones.

use card_edge::Status;
use card_edge::apdu::Command;

use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::security_status::PinKind;
use crate::refusal::Answer;
use crate::state::CardState;
use crate::state::reference_data::LIMIT_MAX;

/// Sets the limits.
pub(super) struct SetRetries {
    pin: u8,
    puk: u8,
}

impl SetRetries {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        let limits = 1..=LIMIT_MAX;
        if !limits.contains(&command.p1) || !limits.contains(&command.p2) {
            return Err(Status::IncorrectParameters);
        }
        Ok(Self {
            pin: command.p1,
            puk: command.p2,
        })
    }

    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        if !context.session.security.is_verified(PinKind::Piv) {
            return Err(Status::SecurityStatusNotSatisfied);
        }
        let opening = context.resources.opening_key.clone();
        context.change(|state| {
            state.pin = CardState::default_pin(self.pin, opening.as_ref())?;
            state.puk = CardState::default_puk(self.puk, opening.as_ref())?;
            Ok(())
        })?;
        context.session.security.pin_unverified(PinKind::Piv);
        Ok(Status::Success.into())
    }
}
