//! The commands beyond the standard that spare a host round trips (docs/card-extensions.md): one file each.

mod name;
pub(super) mod public_objects;
pub(super) mod sign;
pub(super) mod verify_at_phone;
