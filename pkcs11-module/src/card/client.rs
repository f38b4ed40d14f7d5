//! The PIV client inside a transaction, and the commands that every PIV card is sent.

use card_edge::Status;
use card_edge::apdu::Instruction;
use card_edge::piv;

use crate::pcsc::{LinkError, Transaction};

/// A PIV client inside a transaction, which ends with it.
pub type Client<'a> = piv::Client<Transaction<'a>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// Whether the card has compared a PIN and refused it, as far as its answer tells: whatever it answers to VERIFY but that it does
/// not know the command may have cost a try.
#[must_use]
pub fn refuses_pin(error: &ClientError) -> bool {
    match error {
        ClientError::Wrong(_) | ClientError::WrongUncounted | ClientError::Blocked => true,
        ClientError::NotAuthorised(instruction) => *instruction == Instruction::Verify,
        ClientError::Refused(instruction, status) => {
            *instruction == Instruction::Verify
                && !matches!(
                    status,
                    Status::InstructionNotSupported | Status::ClassNotSupported
                )
        }
        ClientError::Exchange(_)
        | ClientError::NotTyped
        | ClientError::NoPivApplication(_)
        | ClientError::Malformed(..)
        | ClientError::Certificate(_)
        | ClientError::Channel(_)
        | ClientError::Unencodable(_) => false,
    }
}
