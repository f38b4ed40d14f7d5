//! Certificate profiles: what a certificate of each kind says, as data. Building and linting walk the same rows.
//!
//! Profiles come as JSON, with a name and a version each; [`set::Profiles`] takes those that are sound.

pub mod check;
pub mod definition;
pub mod enrollment;
pub mod error;
mod oid_text;
pub mod set;
