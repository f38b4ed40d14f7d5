//! Enrollment: an invitation becomes keys and certificates on the card (docs/enrollment-protocol.md).
//!
//! Nothing is lost when the phone is killed at any moment: the keys are on disk before the server hears of them,
//! the server answers the same request with the same certificates, and certificates, keys, PIN, PUK and management
//! key take effect in one write. Whoever was interrupted uses the same invitation again.
//!
//! `enroll` is the whole of it: `client` speaks to the server through `http`, `keys` makes keys, `request` asks for
//! certificates, `issued` judges what came (by `chain`, `extensions` and `names`), `install` puts it on the card.

mod chain;
pub mod check_in;
mod check_in_key;
mod client;
mod enroll;
mod error;
mod extensions;
mod flaw;
pub mod http;
mod install;
mod issued;
mod keys;
mod names;
mod new_secrets;
mod request;
mod step;
#[cfg(test)]
mod tests;
mod text;
mod translate;

pub use client::ServerError;
pub use enroll::{Device, Enrolled, WantedPin, enroll, puk_was_seen};
pub use error::EnrollError;
pub use flaw::{AnswerFlaw, CertificateFlaw};
pub use step::Step;
pub use translate::UnsupportedAlgorithm;
