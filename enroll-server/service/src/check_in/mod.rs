//! The check-in of enrolled phones: each proves its check-in key over a challenge of ours, says how it is, is told what to do,
//! and renews its certificates without a person doing anything.
//!
//! The check-in key is one of its own: it is made at the enrollment, serves nothing else, and asks for no PIN. Whoever has it
//! can renew this phone's certificates for new keys while the phone is active, and nothing else. Enrolling the card again
//! replaces it.

mod due;
pub(crate) mod proof;
mod renewal;
mod round;

pub use proof::challenge;
pub use renewal::{Renewed, renew_to_the_end};
pub use round::{Told, check_in};
