//! VERIFY of the pairing code (SP 800-73-5 part 2, 3.2.1.3). It has no retry counter: the code is not a secret that the
//! holder keeps, it only tells a host that the holder has met from all others in reach.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::ObjectId;
use card_edge::piv::pin::{REFERENCE_DATA_LENGTH, VerificationData};
use card_edge::piv::secure_messaging::PairingCode;

use super::context::Context;
use crate::refusal::Answer;

/// VERIFY of the pairing code.
pub(super) enum VerifyPairingCode {
    /// With what may be the code.
    Compare(VerificationData),
    /// Without data: has it been verified?
    Status,
    /// With P1 = FF: it counts as not verified.
    Reset,
}

impl VerifyPairingCode {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        match (command.p1, command.data.as_slice()) {
            (0x00, []) => Ok(Self::Status),
            (0x00, code) => VerificationData::new(code)
                .map(Self::Compare)
                .map_err(|_| Status::IncorrectData),
            (0xFF, []) => Ok(Self::Reset),
            (0xFF, _) => Err(Status::IncorrectData),
            _ => Err(Status::IncorrectParameters),
        }
    }

    /// 6A88 where the card has no virtual contact interface or no code, 6982 in clear, 6300 where it is another code.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let state = context.resources.store.state();
        let content = state.object(ObjectId::PairingCodeReferenceData);
        let code = content
            .filter(|_| state.contactless.is_strict())
            .and_then(|content| PairingCode::decode(content).ok())
            .ok_or(Status::ReferenceNotFound)?;
        let channel = context.channel.ok_or(Status::SecurityStatusNotSatisfied)?;
        match self {
            Self::Compare(presented) => channel.set_paired(code.matches(digits(&presented)?)),
            Self::Status => {}
            Self::Reset => {
                channel.set_paired(false);
                return Ok(Status::Success.into());
            }
        }
        if channel.is_paired() {
            Ok(Status::Success.into())
        } else {
            Err(Status::VerificationFailed)
        }
    }
}

/// What is presented, if it could be a code at all; 6A80 otherwise, and nothing changes.
fn digits(presented: &VerificationData) -> Result<&[u8; REFERENCE_DATA_LENGTH], Status> {
    PairingCode::new(presented.as_bytes())
        .map(|_| presented.as_bytes())
        .ok_or(Status::IncorrectData)
}
