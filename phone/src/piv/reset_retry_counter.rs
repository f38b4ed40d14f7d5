//! RESET RETRY COUNTER (SP 800-73-5 part 2, 3.2.3).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::pin::PADDING_ALONE;
use card_edge::piv::{Pin, PinReference, VerificationData};

use super::change_reference_data::values;
use super::comparison;
use super::context::Context;
use super::parameters::{first_parameter, pin_reference};
use super::security_status::PinKind;
use crate::refusal::Answer;
use crate::state::Counter;

/// A new PIV PIN by the PUK.
pub(super) struct ResetRetryCounter {
    /// What is presented as the PUK.
    presented: VerificationData,
    /// The new PIN; `None` where it is padding alone.
    new: Option<Pin>,
}

impl ResetRetryCounter {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        first_parameter(command, 0x00)?;
        if pin_reference(command)? != PinReference::PivPin {
            return Err(Status::ReferenceNotFound);
        }
        let (presented, new) = values(command)?;
        let new = if new == PADDING_ALONE {
            None
        } else {
            Some(Pin::from_padded(new).map_err(|_| Status::IncorrectData)?)
        };
        Ok(Self { presented, new })
    }

    /// The new PIN has all its tries; it is not verified by this, and no longer where the PUK is wrong. The PUK's tries come back first: killed in between,
    /// nothing else has changed. Padding alone is not a PIN, but the PUK that comes with it is compared: tools block a PUK
    /// with both, before they reset a card.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let compared = comparison::compare(&mut context, Counter::Puk, self.presented.as_bytes());
        let opening = compared.inspect_err(|_| {
            // Part 2, 3.2.3: a command that fails takes the PIN's verification back.
            context.session.security.pin_unverified(PinKind::Piv);
        })?;
        comparison::restore(&mut context, Counter::Puk)?;
        let new = self.new.ok_or(Status::IncorrectData)?;
        context.change(|state| comparison::replace_pin(state, &new, opening.as_ref()))?;
        Ok(Status::Success.into())
    }
}
