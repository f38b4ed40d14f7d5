//! What this card can beyond the standard so that a host needs fewer commands: docs/card-extensions.md.
//!
//! The card announces them in its answer to SELECT; a host sends none of them to a card that did not.

mod announcement;
mod pin_entry;
mod public_objects;
mod signature;

pub use announcement::{Announcement, CardName, HOLDER_MAX, Holder, VERSION};
pub use pin_entry::{EntryTime, VERIFY_AT_CARD, decode_pin_entry, encode_pin_entry};
pub use public_objects::{
    DEFLATED_MAX, Digest, INFLATED_MAX, PublicObjects, PublicObjectsError, TAG_PUBLIC_OBJECTS,
};
pub use signature::{
    HashAlgorithm, NOTE_MAX, Note, PARAMETERS, SIGN, Scheme, SignatureRequest,
    SignatureRequestError,
};
