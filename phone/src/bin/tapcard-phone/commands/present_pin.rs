//! The PIN in force, from whoever holds the card: keys are encrypted under it.

use std::io::{self, IsTerminal};

use card_edge::piv::Pin;
use card_edge::piv::pin::PinError;
use tapcard_phone::present_pin::{self, PresentPinError};
use tapcard_phone::state::{OpeningKey, Store};
use thiserror::Error;

use super::given_secret::{self, GivenSecretError};

const VARIABLE: &str = "TAPCARD_PRESENT_PIN";

/// Why the PIN in force is not known.
#[derive(Debug, Error)]
pub enum AskError {
    /// What was given is not a PIN.
    #[error("this cannot be the present PIN: {0}")]
    Malformed(#[from] PinError),
    /// What was to hold it does not.
    #[error(transparent)]
    Given(#[from] GivenSecretError),
    /// It is another.
    #[error(transparent)]
    Refused(#[from] PresentPinError),
    /// Nobody gave one.
    #[error(
        "the card's present PIN is needed, and was not given: set {VARIABLE} or {VARIABLE}_FILE, or run this in a terminal to be asked"
    )]
    NotGiven,
    /// The terminal failed.
    #[error("the present PIN was not given: {0}")]
    Terminal(#[source] io::Error),
}

/// Gets the PIN in force.
pub(super) fn ask() -> Result<Pin, AskError> {
    if let Some(text) = given_secret::from_environment(VARIABLE)? {
        return Ok(Pin::new(&text)?);
    }
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(AskError::NotGiven);
    }
    let text = hidden_input::ask("Present PIN: ");
    Ok(Pin::new(text.map_err(AskError::Terminal)?.as_bytes())?)
}

/// What decrypts the card's keys, by the PIN in force.
pub(super) fn opening_key(store: &mut Store) -> Result<Option<OpeningKey>, AskError> {
    let tries = store.tries().map_err(PresentPinError::from)?;
    if tries.pin == 0 {
        return Err(PresentPinError::Blocked.into());
    }
    present_pin::opening_key(store, || ask().map(Some))
}
