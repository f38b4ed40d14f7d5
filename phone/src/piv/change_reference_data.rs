//! CHANGE REFERENCE DATA (SP 800-73-5 part 2, 3.2.2).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::pin::REFERENCE_DATA_LENGTH;
use card_edge::piv::{Pin, PinReference, Puk, VerificationData};

use super::access;
use super::comparison;
use super::context::Context;
use super::parameters::{first_parameter, pin_kind, pin_reference};
use super::security_status::PinKind;
use crate::refusal::Answer;
use crate::state::{CardState, Counter};

/// A new value by the old one.
pub(super) enum ChangeReferenceData {
    /// Of the PIV PIN or the global PIN.
    Pin {
        /// Which.
        kind: PinKind,
        /// What is presented as the PIN.
        presented: VerificationData,
        /// The new PIN.
        new: Pin,
    },
    /// Of the PUK.
    Puk {
        /// What is presented as the PUK.
        presented: VerificationData,
        /// The new PUK.
        new: Puk,
    },
}

impl ChangeReferenceData {
    pub(super) fn parse(command: &Command, state: &CardState) -> Result<Self, Status> {
        first_parameter(command, 0x00)?;
        if pin_reference(command)? == PinReference::Puk {
            let (presented, new) = values(command)?;
            let new = Puk::from_padded(new).map_err(|_| Status::IncorrectData)?;
            return Ok(Self::Puk { presented, new });
        }
        let kind = pin_kind(command, state)?;
        let (presented, new) = values(command)?;
        let new = Pin::from_padded(new).map_err(|_| Status::IncorrectData)?;
        Ok(Self::Pin {
            kind,
            presented,
            new,
        })
    }

    /// A changed value has all its tries again; the PIN counts as proved.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        match self {
            Self::Pin {
                kind,
                presented,
                new,
            } => {
                access::may_prove_pin(context.path())?;
                let counter = comparison::counter(kind);
                let opening = comparison::compare(&mut context, counter, presented.as_bytes())?;
                context.change(|state| match kind {
                    PinKind::Piv => comparison::replace_pin(state, &new, opening.as_ref()),
                    PinKind::Global => {
                        comparison::replace_global_pin(state, &new, opening.as_ref())
                    }
                })?;
                context.resources.opening_key = opening;
                context.session.security.pin_proved(kind);
            }
            Self::Puk { presented, new } => {
                access::may_prove_puk(context.path())?;
                let opening =
                    comparison::compare(&mut context, Counter::Puk, presented.as_bytes())?;
                context.change(|state| comparison::replace_puk(state, &new, opening.as_ref()))?;
            }
        }
        Ok(Status::Success.into())
    }
}

/// What is presented, and the new value. The first is compared as the bytes that it is: only the new one must be a PIN
/// or PUK.
pub(super) fn values(command: &Command) -> Result<(VerificationData, &[u8]), Status> {
    let (presented, new) = command
        .data
        .split_at_checked(REFERENCE_DATA_LENGTH)
        .filter(|(_, new)| new.len() == REFERENCE_DATA_LENGTH)
        .ok_or(Status::IncorrectData)?;
    let presented = VerificationData::new(presented).map_err(|_| Status::IncorrectData)?;
    Ok((presented, new))
}
