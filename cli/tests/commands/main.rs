//! `tapcard`'s commands: on cards in memory, on our own phone in one process, and as a program.

mod card;
mod hostile;
mod issuer;
mod list;
mod meet;
mod phone;
mod pin;
mod pin_over_nfc;
mod probe;
mod program;
mod setup;
