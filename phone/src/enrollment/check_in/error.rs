//! Why a check-in failed.

use card_edge::tlv::TlvError;
use thiserror::Error;

use crate::enrollment::client::ServerError;
use crate::gids::provision::ProvisionError;
use crate::key_store::KeyStoreError;
use crate::state::{SealingError, StateError};
use crate::x509::SigningError;

/// Why a check-in failed.
#[derive(Debug, Error)]
pub enum CheckInError {
    /// The card was never enrolled, or by a program that knew no check-in.
    #[error(
        "this card checks in nowhere: it was not enrolled, or by an earlier version of this program. Enroll it (`tapcard-phone enroll`)"
    )]
    NotEnrolled,
    /// The server did not do its part.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The card's state could not be read or changed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key that the phone checks in with does not work.
    #[error("the key that the phone checks in with cannot be used ({0}): enroll the card again")]
    Key(#[from] KeyStoreError),
    /// A message or a request could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A message could not be written.
    #[error(transparent)]
    Message(#[from] serde_json::Error),
    /// The keys cannot be shown to GIDS, which the holder chose.
    #[error(transparent)]
    Gids(#[from] ProvisionError),
    /// The card keeps nothing that an unblocking key would open.
    #[error(
        "this card has no unblocking key of its organisation's: it was not enrolled, or by an earlier version. Unblock the PIN with the PUK, or enroll the card again with a new invitation"
    )]
    NoUnblockingKey,
    /// The server gave another unblocking key than at the enrollment.
    #[error(
        "the unblocking key that the server gave is not this card's: the server has other keys than when the card was enrolled. Unblock the PIN with the PUK, or enroll the card again with a new invitation"
    )]
    OtherUnblockingKey,
    /// The card was enrolled again or reset meanwhile.
    #[error("the card was changed during the check-in: check in again")]
    Interrupted,
}

impl From<SealingError> for CheckInError {
    fn from(error: SealingError) -> Self {
        Self::State(error.into())
    }
}

impl From<TlvError> for CheckInError {
    fn from(error: TlvError) -> Self {
        Self::State(error.into())
    }
}
