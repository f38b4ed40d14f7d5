//! Web Authentication (W3C, Level 3) as far as the portal needs it: what a browser is asked, and what it answers.
//!
//! No attestation is asked for, so that what is new about a key comes from the browser in any case: it says the key as a
//! SubjectPublicKeyInfo (section 5.2.1.1), and there is nothing to read in CBOR.

pub(crate) mod answer;
pub(crate) mod challenge;
pub(crate) mod options;
mod relying_party;
pub(crate) mod shown;

pub use options::{ToAdd, ToShow};
pub use relying_party::is_possible;
