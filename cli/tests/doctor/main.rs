//! `tapcard doctor`: on cards in memory, on our own phone in one process, and as a program.

mod card;
mod issuer;
mod phone;
mod probe;
mod program;
