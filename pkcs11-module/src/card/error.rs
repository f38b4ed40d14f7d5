//! Why a sequence of commands did not end as it should.

use card_edge::Status;
use card_edge::transmit::ExchangeError;
use card_host::SendError;
use thiserror::Error;

use super::client::ClientError;
use crate::pcsc::LinkError;

/// Why a PIN does not go to a card. Nothing was sent of it.
pub type RouteError = card_host::RouteError<LinkError>;

/// Why a sequence of commands did not end as it should.
#[derive(Debug, Error)]
pub enum CardError {
    /// The card is gone and was not back in time.
    #[error("the card is gone")]
    Gone,
    /// Another card is in its place.
    #[error("another card is in its place")]
    OtherCard,
    /// The connection failed.
    #[error("the connection to the card failed: {0}")]
    Link(LinkError),
    /// The cached PIN is no longer right.
    #[error("the cached PIN is refused: {0}")]
    CachedPin(ClientError),
    /// What was read of the card is not what is on it any more, and nothing was done by it.
    #[error("the card was renewed meanwhile")]
    Renewed,
    /// The key wants the PIN directly before each use.
    #[error("the key wants the PIN before each use")]
    WantsPin,
    /// The card management key is wrong.
    #[error("the card management key is wrong")]
    WrongManagementKey,
    /// The card wants more than its management key, or another interface.
    #[error("the card cannot be written to in this way")]
    WriteProtected,
    /// The cached PIN was under way when the connection broke.
    #[error("the connection broke while the cached PIN was under way")]
    PinLost,
    /// The cached PIN was not sent to a card that may be another one.
    #[error(transparent)]
    NotRestored(RouteError),
    /// The card does not have its holder type the PIN, or not any more.
    #[error("the PIN cannot be typed at the card")]
    NoEntry,
    /// Nobody typed the PIN at the reader: nothing was sent to the card.
    #[error("the PIN was not typed at the reader")]
    NotTyped,
    /// The PIN that was typed at the reader is shorter or longer than it may be; it was not sent.
    #[error("the PIN that was typed at the reader has a wrong length")]
    TypedLength,
    /// The PIN was not verified at the reader's PIN pad, for another reason than that it is wrong.
    #[error("the PIN typed at the reader was answered with {0}")]
    PinPad(Status),
    /// A PIN was not sent.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// A command was refused.
    #[error(transparent)]
    Command(ClientError),
}

impl From<ClientError> for CardError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Exchange(ExchangeError::Transmit(link)) => Self::Link(link),
            other => Self::Command(other),
        }
    }
}

impl From<SendError<LinkError>> for CardError {
    fn from(error: SendError<LinkError>) -> Self {
        match error {
            SendError::Route(reason) => Self::Route(reason),
            SendError::Command(error) => error.into(),
        }
    }
}

impl From<LinkError> for CardError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}
