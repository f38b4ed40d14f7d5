//! VERIFY (SP 800-73-5 part 2, 3.2.1).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::pin::PADDING_ALONE;
use card_edge::piv::{Pin, VerificationData};

use super::access;
use super::comparison;
use super::context::Context;
use super::parameters::pin_kind;
use super::policy::intermediate_retry_value;
use super::security_status::PinKind;
use crate::refusal::{Answer, status_of_state};
use crate::state::CardState;

/// VERIFY of the PIV PIN or the global PIN.
pub(super) struct Verify {
    kind: PinKind,
    action: Action,
}

/// What is asked.
enum Action {
    /// With what may be the PIN.
    Compare(VerificationData),
    /// Without data: has the PIN been verified, and how many tries are left?
    Status,
    /// With P1 = FF: the PIN counts as not verified.
    Reset,
}

impl Verify {
    /// The card has no fingerprints (its pairing code is not a PIN: see `pairing_code`), and a global PIN only where it was given one; the PUK is not for
    /// VERIFY.
    pub(super) fn parse(command: &Command, state: &CardState) -> Result<Self, Status> {
        let kind = pin_kind(command, state)?;
        let action = match (command.p1, command.data.as_slice()) {
            (0x00, []) => Action::Status,
            (0x00, pin) => presented(pin).map(Action::Compare)?,
            (0xFF, []) => Action::Reset,
            (0xFF, _) => return Err(Status::IncorrectData),
            _ => return Err(Status::IncorrectParameters),
        };
        Ok(Self { kind, action })
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        access::may_prove_pin(context.path())?;
        match self.action {
            Action::Compare(pin) => verify(context, self.kind, &pin),
            Action::Status => status(&context, self.kind),
            Action::Reset => {
                context.session.security.pin_unverified(self.kind);
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
fn verify(mut context: Context<'_>, kind: PinKind, pin: &VerificationData) -> Answer {
    let counter = comparison::counter(kind);
    let opening = comparison::compare(&mut context, counter, pin.as_bytes())?;
    comparison::restore(&mut context, counter)?;
    context.resources.opening_key = opening;
    context.session.security.pin_verified(kind);
    Ok(Status::Success.into())
}

/// 9000 where the PIN has been verified, else 63Cx or 6983; costs no try.
fn status(context: &Context<'_>, kind: PinKind) -> Answer {
    if context.session.security.is_verified(kind) {
        return Ok(Status::Success.into());
    }
    let tries = context.resources.store.tries().map_err(status_of_state)?;
    let floor = intermediate_retry_value(context.resources.interface);
    let left = match kind {
        PinKind::Piv => tries.pin,
        PinKind::Global => tries.global_pin.unwrap_or_default(),
    };
    match left.saturating_sub(floor) {
        0 => Err(Status::AuthenticationMethodBlocked),
        left => Err(Status::TriesLeft(left)),
    }
}
