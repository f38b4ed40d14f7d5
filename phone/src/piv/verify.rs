//! VERIFY (SP 800-73-5 part 2, 3.2.1).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::pin::PADDING_ALONE;
use card_edge::piv::{Pin, PinReference, VerificationData};

use super::comparison;
use super::context::Context;
use super::parameters::pin_reference;
use super::policy::intermediate_retry_value;
use super::refusal::{Answer, status_of_state};
use crate::state::Counter;

/// VERIFY of the PIV PIN.
pub(super) enum Verify {
    /// With what may be the PIN.
    Pin(VerificationData),
    /// Without data: has the PIN been verified, and how many tries are left?
    Status,
    /// With P1 = FF: the PIN counts as not verified.
    Reset,
}

impl Verify {
    /// The card has no global PIN, no fingerprints and no pairing code; the PUK is not for VERIFY.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if pin_reference(command)? != PinReference::PivPin {
            return Err(Status::ReferenceNotFound);
        }
        match (command.p1, command.data.as_slice()) {
            (0x00, []) => Ok(Self::Status),
            (0x00, pin) => presented(pin).map(Self::Pin),
            (0xFF, []) => Ok(Self::Reset),
            (0xFF, _) => Err(Status::IncorrectData),
            _ => Err(Status::IncorrectParameters),
        }
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        match self {
            Self::Pin(pin) => verify(context, &pin),
            Self::Status => status(&context),
            Self::Reset => {
                context.session.security.pin_unverified();
                Ok(Status::Success.into())
            }
        }
    }
}

/// What is presented: a PIN, or padding alone. That cannot be the PIN, and costs a try all the same: tools block a PIN
/// with it, before they reset a card. The standard lets a card count malformed PINs or not (part 2, 3.2.1); others are
/// 6A80 here and cost nothing.
fn presented(pin: &[u8]) -> Result<VerificationData, Status> {
    if pin != PADDING_ALONE {
        Pin::from_padded(pin).map_err(|_| Status::IncorrectData)?;
    }
    VerificationData::new(pin).map_err(|_| Status::IncorrectData)
}

/// 9000, 63Cx with the tries left, or 6983.
fn verify(mut context: Context<'_>, pin: &VerificationData) -> Answer {
    comparison::compare(&mut context, Counter::Pin, pin.as_bytes())?;
    comparison::restore(&mut context, Counter::Pin)?;
    context.session.security.pin_verified();
    Ok(Status::Success.into())
}

/// 9000 where the PIN has been verified, else 63Cx or 6983; costs no try.
fn status(context: &Context<'_>) -> Answer {
    if context.session.security.is_pin_verified() {
        return Ok(Status::Success.into());
    }
    let tries = context.resources.store.tries().map_err(status_of_state)?;
    let floor = intermediate_retry_value(context.resources.interface);
    match tries.pin.saturating_sub(floor) {
        0 => Err(Status::AuthenticationMethodBlocked),
        left => Err(Status::TriesLeft(left)),
    }
}
