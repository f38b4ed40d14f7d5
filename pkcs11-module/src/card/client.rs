//! The PIV client inside a transaction, and the commands that every PIV card is sent.

use card_edge::Status;
use card_edge::apdu::Instruction;
use card_edge::piv;
use card_edge::piv::extensions::{Announcement, Digest};
use card_edge::piv::secure_messaging::CipherSuite;

use crate::pcsc::{LinkError, Transaction};

/// A PIV client inside a transaction, which ends with it.
pub type Client<'a> = piv::Client<Transaction<'a>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// What a card tells with its selection.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    /// What it announces beyond the standard, if it does.
    pub announced: Option<Announcement>,
    /// The cipher suite of its key for secure messaging, if it has one.
    pub suite: Option<CipherSuite>,
}

impl Selected {
    /// The digest of the card's public objects, if it announced one.
    #[must_use]
    pub fn objects(&self) -> Option<Digest> {
        Some(self.announced.as_ref()?.objects)
    }
}

/// SELECT, and what the card tells; one whose application property template is odd is a PIV card nevertheless.
///
/// # Errors
/// [`ClientError::NoPivApplication`], [`ClientError::Exchange`].
pub fn select(client: &mut Client<'_>) -> Result<Selected, ClientError> {
    match client.select() {
        Ok(template) => Ok(Selected {
            announced: Announcement::of(&template),
            suite: CipherSuite::ALL
                .into_iter()
                .find(|suite| template.algorithms.contains(&suite.identifier())),
        }),
        Err(ClientError::Malformed(..)) => Ok(Selected::default()),
        Err(error) => Err(error),
    }
}

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
        | ClientError::NoPivApplication(_)
        | ClientError::Malformed(..)
        | ClientError::Certificate(_)
        | ClientError::Channel(_)
        | ClientError::Unencodable(_) => false,
    }
}
