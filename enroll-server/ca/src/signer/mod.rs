//! What signs: one trait, behind which a key in a file and a key in a hardware module look the same.

pub mod error;
pub mod file;
pub(crate) mod rcgen_key;
pub mod sign;
