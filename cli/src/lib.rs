//! The `tapcard` command: for whoever uses a phone or card.
//!
//! Called by people and by scripts; calls `card-edge` for everything that goes to a card, and `card-host` for what carries a
//! PIN. `doctor` and `list` change nothing and send no PIN; `pin` sends what it was given, once. `setup` talks to no card: it
//! changes files of the programs that use one, and is not there on Windows, where programs keep their settings elsewhere.
#![forbid(unsafe_code)]

mod advice_text;
pub mod arguments;
pub mod doctor;
pub mod exit;
pub mod list;
pub mod meet;
pub mod pin;
#[cfg(unix)]
pub mod setup;
mod table;
pub mod transaction;
