//! The `tapcard` command: explains what is on the reader.
//!
//! Called by people and by scripts; calls `card-edge` for everything that goes to a card. It changes
//! nothing on a card and never sends a PIN.
#![forbid(unsafe_code)]

pub mod arguments;
pub mod doctor;
pub mod exit;
