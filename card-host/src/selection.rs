//! What is known of a card before a PIN goes to it: what it tells when it is selected, and how it is connected.

use card_edge::Transmit;
use card_edge::atr::Atr;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::extensions::{Announcement, Digest};
use card_edge::piv::secure_messaging::CipherSuite;

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
pub fn select<T: Transmit>(client: &mut Client<T>) -> Result<Selected, ClientError<T::Error>> {
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

/// Whether a card with this ATR is known to be connected by contacts. A reader that does not tell contacts from a field counts
/// as a field.
#[must_use]
pub fn is_over_contacts(answer_to_reset: &[u8]) -> bool {
    Atr::parse(answer_to_reset).is_ok_and(|atr| atr.contactless().is_none())
}
