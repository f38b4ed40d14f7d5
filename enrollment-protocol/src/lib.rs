//! The enrollment protocol (docs/enrollment-protocol.md) as types: what a phone and the server say to each other, and
//! the link that an invited person gets. Both sides and the tests use these definitions.
//!
//! Types and their text forms alone: no I/O, no HTTP, no clock, no randomness.
#![forbid(unsafe_code)]

pub mod algorithm;
pub mod authority;
pub mod check_in;
pub mod der;
pub mod enrollment;
pub mod guid;
pub mod invitation;
pub mod limit;
pub mod offer;
pub mod refusal;
pub mod slot;
pub mod unblocking;
pub mod version;

pub use algorithm::KeyAlgorithm;
pub use der::Der;
pub use guid::Guid;
pub use invitation::{Fingerprint, Invitation, Token, TokenText};
pub use refusal::{Code, Refusal};
pub use slot::Slot;
pub use version::Version;
