//! VERIFY.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::GidsPin;

use super::context::Context;
use super::{comparison, parameters};
use crate::key_store::PinProof;
use crate::piv::intermediate_retry_value;
use crate::refusal::{Answer, status_of_state};
use crate::state::Stage;

/// P2 of a VERIFY after which nothing is proved any more.
const FORGET: u8 = 0x82;

/// VERIFY of the PIN.
pub(super) enum Verify {
    /// With what may be the PIN.
    Compare(GidsPin),
    /// Without data: has the PIN been verified, and how many tries are left?
    Status,
    /// With P2 = 82: neither PIN nor administrator's key count as proved.
    Forget,
}

impl Verify {
    /// What cannot be a PIN is 6A80, and costs nothing.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if command.p1 != 0x00 {
            return Err(Status::IncorrectParameters);
        }
        if command.p2 == FORGET {
            return Ok(Self::Forget);
        }
        parameters::pin(command)?;
        match command.data.as_slice() {
            [] => Ok(Self::Status),
            pin => GidsPin::new(pin)
                .map(Self::Compare)
                .map_err(|_| Status::IncorrectData),
        }
    }

    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        match self {
            Self::Compare(pin) => {
                comparison::compare(&mut context, vec![(pin, ())])?;
                comparison::restore(&mut context)?;
                context.session.pin = PinProof::Directly;
                Ok(Status::Success.into())
            }
            Self::Status => status(&context),
            Self::Forget => {
                context.session.forget_proofs();
                Ok(Status::Success.into())
            }
        }
    }
}

/// 9000 where the PIN has been verified or need not be yet, else 63Cx or 6983; costs no try.
fn status(context: &Context<'_>) -> Answer {
    if context.session.is_pin_verified() || context.gids()?.stage == Stage::Creation {
        return Ok(Status::Success.into());
    }
    let tries = context.resources.store.tries().map_err(status_of_state)?;
    let floor = intermediate_retry_value(context.resources.interface);
    match tries.pin.saturating_sub(floor) {
        0 => Err(Status::AuthenticationMethodBlocked),
        left => Err(Status::TriesLeft(left)),
    }
}
