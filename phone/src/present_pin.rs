//! The PIN that is in force, proved at the phone: what its holder does there with keys that are encrypted under it needs it.

use card_edge::piv::Pin;
use thiserror::Error;

use crate::state::reference_data::HashError;
use crate::state::{Counter, OpeningKey, SealingError, StateError, Store, Try};

/// Why it was not proved.
#[derive(Debug, Error)]
pub enum PresentPinError {
    /// It is another.
    #[error("the card's present PIN is another: {0} tries are left")]
    Wrong(u8),
    /// Nobody gave it.
    #[error("the card's present PIN is needed: keys that it keeps are encrypted under it")]
    Missing,
    /// It has no tries left.
    #[error("the card's present PIN is blocked: unblock it with the PUK first")]
    Blocked,
    /// The card's state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<HashError> for PresentPinError {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

impl From<SealingError> for PresentPinError {
    fn from(error: SealingError) -> Self {
        Self::State(error.into())
    }
}

/// Compares a PIN with the one in force, under its retry counter. Gives what decrypts the card's keys, where it encrypts
/// them.
///
/// # Errors
/// [`PresentPinError`].
pub fn prove(store: &mut Store, pin: &Pin) -> Result<Option<OpeningKey>, PresentPinError> {
    let Try::Taken { data, left } = store.take_try(Counter::Pin, 0)? else {
        return Err(PresentPinError::Blocked);
    };
    if !data.matches(pin.as_bytes())? {
        return Err(match left {
            0 => PresentPinError::Blocked,
            left => PresentPinError::Wrong(left),
        });
    }
    store.restore_tries(Counter::Pin)?;
    Ok(data.opening_key(pin.as_bytes())?)
}
