//! Where a new PIN comes from, and which a holder may choose. The card takes any: tools test cards with 123456.

use std::io::{self, IsTerminal};

use card_edge::piv::Pin;
use card_edge::piv::pin::{PinError, is_guessable};
use thiserror::Error;

use super::given_secret::{self, GivenSecretError};

/// Why there is no new PIN.
#[derive(Debug, Error)]
pub enum NewPinError {
    /// It is not a PIN.
    #[error(transparent)]
    Malformed(#[from] PinError),
    /// It is one that everybody tries.
    #[error(transparent)]
    Weak(#[from] WeakPin),
    /// What was to hold it does not.
    #[error(transparent)]
    Given(#[from] GivenSecretError),
    /// Nobody gave one.
    #[error("no PIN was given: {0}")]
    NotGiven(String),
}

/// A PIN is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "this PIN is among the first that everybody tries (the PIN of every new card, digits that are all the same, or digits in a row): choose another"
)]
pub struct WeakPin;

/// The PIN from this environment variable, or from the file that the one with `_FILE` names, if either is there.
pub(super) fn given(variable: &'static str) -> Result<Option<Pin>, NewPinError> {
    let Some(text) = given_secret::from_environment(variable)? else {
        return Ok(None);
    };
    let pin = Pin::new(&text)?;
    refuse_weak(&text)?;
    Ok(Some(pin))
}

/// Asks for a PIN twice, until both are the same. `variable` is named to whoever has no terminal.
pub(super) fn ask(what: &str, variable: &str) -> Result<Pin, NewPinError> {
    // The standard input may have brought an invitation; the PIN is asked for at the terminal itself.
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(NewPinError::NotGiven(format!(
            "set {variable} or {variable}_FILE, or run this in a terminal to be asked"
        )));
    }
    let ask = |prompt: &str| {
        hidden_input::ask(prompt).map_err(|error| NewPinError::NotGiven(error.to_string()))
    };
    loop {
        let first = ask(&format!("{what} (6 to 8 digits): "))?;
        let pin = match Pin::new(first.as_bytes()) {
            Ok(pin) => pin,
            Err(error) => {
                eprintln!("{error}");
                continue;
            }
        };
        if let Err(error) = refuse_weak(first.as_bytes()) {
            eprintln!("{error}");
            continue;
        }
        if ask("The same again: ")? == first {
            return Ok(pin);
        }
        eprintln!("The two are not the same.");
    }
}

/// Refuses what everybody tries.
pub(super) fn refuse_weak(digits: &[u8]) -> Result<(), WeakPin> {
    if is_guessable(digits) {
        Err(WeakPin)
    } else {
        Ok(())
    }
}
