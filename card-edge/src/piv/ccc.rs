//! The Card Capability Container (SP 800-73-5 part 1, 3.1.1 and table 8; GSC-IS 2.1, table 8-1).
//!
//! ```text
//! F0 card identifier (21 bytes), F1 container version, F2 grammar version, F3 applications' URLs,
//! F4 PKCS#15, F5 data model number, F6 access rules, F7 card APDUs, FA redirection, FB capability tuples,
//! FC status tuples, FD next container, FE
//! ```

use super::object::TAG_ERROR_DETECTION;
use crate::tlv::{self, Tag, TlvError};

const TAG_CARD_IDENTIFIER: Tag = Tag::new(0xF0);
const TAG_CONTAINER_VERSION: Tag = Tag::new(0xF1);
const TAG_GRAMMAR_VERSION: Tag = Tag::new(0xF2);
const TAG_APPLICATIONS: Tag = Tag::new(0xF3);
const TAG_PKCS15: Tag = Tag::new(0xF4);
const TAG_DATA_MODEL: Tag = Tag::new(0xF5);
/// F6 to FD, which the standard allows to be empty.
const UNUSED: [Tag; 6] = [
    Tag::new(0xF6),
    Tag::new(0xF7),
    Tag::new(0xFA),
    Tag::new(0xFB),
    Tag::new(0xFC),
    Tag::new(0xFD),
];

/// Version 2.1 of container and grammar.
const VERSION_2_1: u8 = 0x21;
/// The PIV data model.
const PIV_DATA_MODEL: u8 = 0x10;

/// The bytes of a card identifier.
pub const CARD_IDENTIFIER_LENGTH: usize = 21;

/// The object's content, to stand inside tag 53: it names the PIV data model and nothing else.
///
/// # Errors
/// [`TlvError`] never for the values here; the signature is that of all encoders.
pub fn encode(card_identifier: &[u8; CARD_IDENTIFIER_LENGTH]) -> Result<Vec<u8>, TlvError> {
    let mut out = tlv::encode(TAG_CARD_IDENTIFIER, card_identifier)?;
    tlv::write(&mut out, TAG_CONTAINER_VERSION, &[VERSION_2_1])?;
    tlv::write(&mut out, TAG_GRAMMAR_VERSION, &[VERSION_2_1])?;
    tlv::write(&mut out, TAG_APPLICATIONS, &[])?;
    tlv::write(&mut out, TAG_PKCS15, &[0x00])?;
    tlv::write(&mut out, TAG_DATA_MODEL, &[PIV_DATA_MODEL])?;
    for tag in UNUSED {
        tlv::write(&mut out, tag, &[])?;
    }
    tlv::write(&mut out, TAG_ERROR_DETECTION, &[])?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_container_names_the_piv_data_model() {
        let content = encode(&[0xA0; CARD_IDENTIFIER_LENGTH]).unwrap();
        assert_eq!(content.len(), 23 + 3 + 3 + 2 + 3 + 3 + 6 * 2 + 2);
        assert_eq!(tlv::require(&content, TAG_DATA_MODEL), Ok(&[0x10][..]));
    }
}
