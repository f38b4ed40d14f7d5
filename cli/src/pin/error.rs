//! Why a card did not do what was asked.

use card_edge::Status;
use card_edge::piv::client::ClientError;
use card_edge::transmit::ExchangeError;
use thiserror::Error;

use super::pins::{CardPins, Presented};
use crate::doctor::finding::Finding;
use crate::doctor::link::LinkError;

/// Why a card did not do what was asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PinError {
    /// There is no PIV application on it.
    #[error("the card is not a PIV card")]
    NotPiv,
    /// It is another card than before.
    #[error("another card is in the reader now")]
    OtherCard,
    /// What was presented is wrong.
    #[error("the {} is wrong", presented.words())]
    Wrong {
        /// What was presented.
        presented: Presented,
        /// How often it may still be, where the card tells.
        tries_left: Option<u8>,
    },
    /// What was presented is blocked.
    #[error("the {} is blocked", .0.words())]
    Blocked(Presented),
    /// The card does not do this over this interface, or not at all.
    #[error("the card does not allow this here: {0}")]
    NotAllowed(Status),
    /// The card refuses the new value.
    #[error("the card does not take the new PIN: {0}")]
    NewRefused(Status),
    /// The card answered something else.
    #[error("{0}")]
    Answer(String),
    /// The link broke, and nothing was changed.
    #[error("{0}")]
    Link(LinkError),
    /// No PIN was sent to it, and why.
    #[error("no PIN was sent")]
    NotSent(Finding),
    /// The new PIN was on its way, and no answer came that counts: the card has the old one or the new one.
    #[error("no answer came: {why}")]
    Interrupted {
        /// What came instead.
        why: String,
        /// What the card said of its PINs before.
        before: Box<CardPins>,
    },
}

/// What it means that a command failed which changes nothing.
pub(crate) fn unanswered(error: ClientError<LinkError>) -> PinError {
    match error {
        ClientError::Exchange(ExchangeError::Transmit(error)) => PinError::Link(error),
        other => PinError::Answer(other.to_string()),
    }
}
