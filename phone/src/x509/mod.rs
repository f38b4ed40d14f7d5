//! The card's keys in the words of X.509: how a public key is written, and how a key signs a certificate or a request.

pub(crate) mod attestation;
pub(crate) mod content_signer;
mod error;
mod key_type;
mod signed_by;

pub use error::SigningError;
pub(crate) use key_type::{public_key_info, sign, signature_algorithm};
pub(crate) use signed_by::is_signed_by;
