//! The module behind its C layer, with the virtual phone's card in a reader in memory: what it sends, what it
//! finds again when other programs and moments without a field come between, and what it answers.

mod certificate;
mod login;
mod objects;
mod operations;
mod recovery;
mod rig;
mod round_trips;
mod slots;
