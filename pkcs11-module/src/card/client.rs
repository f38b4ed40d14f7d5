//! The PIV client inside a transaction, and the commands that every PIV card is sent.

use card_edge::piv;

use crate::pcsc::{LinkError, Transaction};

/// A PIV client inside a transaction, which ends with it.
pub type Client<'a> = piv::Client<Transaction<'a>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// SELECT; a card whose application property template is odd is a PIV card nevertheless.
///
/// # Errors
/// [`ClientError::NoPivApplication`], [`ClientError::Exchange`].
pub fn select(client: &mut Client<'_>) -> Result<(), ClientError> {
    match client.select() {
        Ok(_) | Err(ClientError::Malformed(..)) => Ok(()),
        Err(error) => Err(error),
    }
}
