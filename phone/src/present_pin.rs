//! The PIN that is in force, proved at the phone: what its holder does there with keys that are encrypted under it needs it,
//! and a host may ask for it.

use card_edge::piv::Pin;
use card_edge::piv::pin::{DEFAULT_PIN, PinError};
use thiserror::Error;

use crate::state::reference_data::HashError;
use crate::state::{Counter, OpeningKey, SealingError, StateError, Store, Try};

/// Why it was not proved.
#[derive(Debug, Error)]
pub enum PresentPinError {
    /// It is another.
    #[error("this is not the card's present PIN ({})", tries_left(*.0))]
    Wrong(u8),
    /// It has no tries left.
    #[error(
        "the card's present PIN is blocked: unblock it with the PUK and a program for PIV cards (yubico-piv-tool -a unblock-pin), or with a code of your organisation's (tapcard-phone unblock). Who has neither enrolls the phone with --forget-keys"
    )]
    Blocked,
    /// The card's state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The PIN of every new card is not one.
    #[error(transparent)]
    Malformed(#[from] PinError),
}

fn tries_left(tries: u8) -> String {
    match tries {
        1 => "one try is left".to_owned(),
        _ => format!("{tries} tries are left"),
    }
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

/// What decrypts the card's keys, by the PIN in force; `None` where the card encrypts none. That of every new card nobody
/// is asked for. `ask` gives another; where it gives none, this does too.
///
/// # Errors
/// [`PresentPinError`], or what `ask` gives.
pub fn opening_key<E: From<PresentPinError>>(
    store: &mut Store,
    ask: impl FnOnce() -> Result<Option<Pin>, E>,
) -> Result<Option<OpeningKey>, E> {
    store.refresh().map_err(PresentPinError::from)?;
    let tries = store.tries().map_err(PresentPinError::from)?;
    // Where it has no tries left, whoever is asked may have another way.
    let pin = if store.state().pin.is_default && tries.pin > 0 {
        Some(Pin::new(DEFAULT_PIN.as_bytes()).map_err(PresentPinError::from)?)
    } else {
        ask()?
    };
    pin.map_or(Ok(None), |pin| Ok(prove(store, &pin)?))
}

/// Compares a PIN with the one in force, under its retry counter. Gives what decrypts the card's keys, where it encrypts
/// them.
///
/// # Errors
/// [`PresentPinError`].
pub fn prove(store: &mut Store, pin: &Pin) -> Result<Option<OpeningKey>, PresentPinError> {
    // Whatever has changed the card while the PIN was typed: nothing was proved to it before.
    store.refresh()?;
    compare(store, pin)
}

/// The same for a host, which has proved something to the card as it was at the last refresh: it is told of a change since by
/// [`StateError::ChangedMeanwhile`].
pub(crate) fn compare(store: &mut Store, pin: &Pin) -> Result<Option<OpeningKey>, PresentPinError> {
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
    Ok(store.state().opening_key(&data, pin.as_bytes())?)
}
