//! Certificate revocation lists (RFC 5280, section 5).

mod check;
pub mod content;
pub mod read;
pub mod sign;
