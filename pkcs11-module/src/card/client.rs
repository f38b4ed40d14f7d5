//! The PIV client inside a transaction, and the commands that every PIV card is sent.

use card_edge::piv;
use card_edge::piv::extensions::Announcement;

use crate::pcsc::{LinkError, Transaction};

/// A PIV client inside a transaction, which ends with it.
pub type Client<'a> = piv::Client<Transaction<'a>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// SELECT, and what the card announces, if it does; a card whose application property template is odd is a PIV card nevertheless.
///
/// # Errors
/// [`ClientError::NoPivApplication`], [`ClientError::Exchange`].
pub fn select(client: &mut Client<'_>) -> Result<Option<Announcement>, ClientError> {
    match client.select() {
        Ok(template) => Ok(Announcement::of(&template)),
        Err(ClientError::Malformed(..)) => Ok(None),
        Err(error) => Err(error),
    }
}
