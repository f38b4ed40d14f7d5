//! What a command gives, and the status word for each way in which it can fail: the one place where they are told.

use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::tlv::TlvError;

use crate::key_store::KeyStoreError;
use crate::key_use::KeyUseError;
use crate::state::reference_data::HashError;
use crate::state::{SealingError, StateError};

/// What a command gives: data, or the status word that refuses it.
pub(crate) type Answer = Result<Response, Status>;

/// Why a change of the state was not made.
pub(crate) enum Refusal {
    /// The card refuses it.
    With(Status),
    /// The state could not be written.
    State(StateError),
}

impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

impl From<SealingError> for Refusal {
    fn from(error: SealingError) -> Self {
        Self::State(error.into())
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self::With(status)
    }
}

/// The status word of a change that was not made.
pub(crate) fn status_of(refusal: Refusal) -> Status {
    match refusal {
        Refusal::With(status) => status,
        Refusal::State(error) => status_of_state(error),
    }
}

/// The state cannot be read or written: the holder's log has why, the host learns that the memory failed. Where another
/// process has changed the card, nothing counts any more that was proved to the card before: 6982.
pub(crate) fn status_of_state(error: StateError) -> Status {
    if let StateError::ChangedMeanwhile(_) = error {
        tracing::info!("a command was refused: {error}");
        return Status::SecurityStatusNotSatisfied;
    }
    tracing::error!("{error}");
    Status::MemoryFailure
}

/// The status word for a failure of a key.
pub(crate) fn status_of_key(error: KeyStoreError) -> Status {
    match error {
        KeyStoreError::InvalidInput | KeyStoreError::Unsupported => Status::IncorrectData,
        KeyStoreError::NotAuthorised => Status::SecurityStatusNotSatisfied,
        KeyStoreError::Failed => {
            tracing::error!("{error}");
            Status::Unknown
        }
    }
}

/// The status word where a key was not used. 6985 where the holder did not agree: 6982 would make hosts send the PIN again.
pub(crate) fn status_of_key_use(error: KeyUseError) -> Status {
    match error {
        KeyUseError::NoKey => Status::IncorrectParameters,
        KeyUseError::PinMissing => Status::SecurityStatusNotSatisfied,
        KeyUseError::NoConsent => Status::ConditionsNotSatisfied,
        KeyUseError::Key(error) => status_of_key(error),
    }
}

/// 6A80 for data that is not what it should be.
pub(crate) fn malformed(_: TlvError) -> Status {
    Status::IncorrectData
}
