//! Which object is in which file, and the files that every card of the minidriver has.

use crate::gids::control_parameters::FileId;
use crate::gids::security_attribute::{Condition, SecurityAttribute};
use crate::tlv::Tag;

/// A000: the table of files, and of keys.
pub const USER_CREATE_DELETE: FileId = FileId(0xA000);
/// A010: everyone reads, the user writes.
pub const EVERYONE_READ_USER_WRITE: FileId = FileId(0xA010);
/// A012: everyone reads, whoever administers the card writes.
pub const EVERYONE_READ_ADMINISTRATOR_WRITE: FileId = FileId(0xA012);

/// The reference of the key of whoever administers the card.
pub const ADMINISTRATOR_KEY: u8 = 0x80;
/// The reference of the key of the first container.
pub const FIRST_KEY: u8 = 0x81;

/// The data files, with who may do what.
#[must_use]
pub fn data_files() -> [(FileId, SecurityAttribute); 6] {
    use Condition as C;
    [
        (USER_CREATE_DELETE, C::USER_OR_ADMINISTRATOR, C::ALWAYS),
        (
            EVERYONE_READ_USER_WRITE,
            C::USER_OR_ADMINISTRATOR,
            C::ALWAYS,
        ),
        (FileId(0xA011), C::USER_OR_ADMINISTRATOR, C::NEVER),
        (
            EVERYONE_READ_ADMINISTRATOR_WRITE,
            C::ADMINISTRATOR,
            C::ALWAYS,
        ),
        (
            FileId(0xA013),
            C::USER_OR_ADMINISTRATOR,
            C::USER_OR_ADMINISTRATOR,
        ),
        (FileId(0xA014), C::ADMINISTRATOR, C::ADMINISTRATOR),
    ]
    .map(|(file, put, get)| (file, SecurityAttribute::of_data(put, get)))
}

/// An object of a file.
pub type Place = (FileId, Tag);

/// The table of files.
pub const MASTER_FILE: Place = (USER_CREATE_DELETE, Tag::new(0xDF1F));
/// The table of keys.
pub const KEY_MAP: Place = (USER_CREATE_DELETE, Tag::new(0xDF20));
/// The card's identity, 16 bytes.
pub const CARD_ID: Place = (EVERYONE_READ_ADMINISTRATOR_WRITE, Tag::new(0xDF20));
/// The applications that keep files: `mscp`.
pub const CARD_APPLICATIONS: Place = (EVERYONE_READ_USER_WRITE, Tag::new(0xDF21));
/// How often what was changed.
pub const FRESHNESS: Place = (EVERYONE_READ_USER_WRITE, Tag::new(0xDF22));
/// The containers.
pub const CONTAINER_MAP: Place = (EVERYONE_READ_USER_WRITE, Tag::new(0xDF23));

/// What the applications' file holds.
pub const APPLICATIONS: [u8; 8] = *b"mscp\0\0\0\0";
/// The directory of the minidriver's files.
pub const DIRECTORY: &str = "mscp";

/// Whether certificates are kept there.
#[must_use]
pub fn is_of_certificates((file, tag): Place) -> bool {
    file == EVERYONE_READ_USER_WRITE && certificate_tags().any(|other| other == tag)
}

/// Tags of objects, from that of the first certificate to the last of two bytes.
pub fn certificate_tags() -> impl Iterator<Item = Tag> {
    (0xDF24..=0xDF7F).map(Tag::new)
}
