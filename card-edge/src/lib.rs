//! The language that host and card speak: command and response APDUs (ISO/IEC 7816-4), BER-TLV,
//! the PIV data model and commands (SP 800-73-5), a host-side PIV client, and GIDS from the card's side.
//!
//! Called by `phone` from the card's side and by `pkcs11-module` and `cli` from the host's side.
//! It knows no I/O, no clock and no randomness: a host hands it a [`Transmit`], everything else is
//! bytes in and types out, so that every byte of the protocol can be tested and fuzzed.
#![forbid(unsafe_code)]

pub mod apdu;
pub mod atr;
pub mod chaining;
pub mod gids;
pub mod historical;
pub mod piv;
pub mod secret;
pub mod status;
pub mod tlv;
pub mod transmit;

pub use apdu::{Command, Response};
pub use status::Status;
pub use transmit::Transmit;
