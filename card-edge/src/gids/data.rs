//! The command data of GET DATA and PUT DATA, and the answers to what is not in a file.
//!
//! ```text
//! 5C tag                            an object of a file, or PIN information of the application (7F71, 7F72, 7F73)
//! 5C                                all objects of a file
//! 70 { 84 key, A5 { 7F49 80 } }     the public half of a key
//! ```

use crate::tlv::{self, Tag, TlvError};

const TAG_LIST: Tag = Tag::new(0x5C);
const TAG_KEY_HANDLING: Tag = Tag::new(0x70);
const TAG_KEY: Tag = Tag::new(0x84);
const TAG_KEY_VALUE: Tag = Tag::new(0xA5);
/// 7F49 of whatever length: the header of a public key.
const PUBLIC_KEY_HEADER: [u8; 3] = [0x7F, 0x49, 0x80];

/// 7F71 and 7F72: the PIN's tries, as version 1 and 2 of the specification have them.
pub const TAGS_PIN: [Tag; 2] = [Tag::new(0x7F71), Tag::new(0x7F72)];
/// 7F73: the PUK's tries.
pub const TAG_PUK: Tag = Tag::new(0x7F73);
const TAG_TRIES_LEFT: Tag = Tag::new(0x97);
const TAG_TRY_LIMIT: Tag = Tag::new(0x93);

/// What GET DATA asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All objects of the file.
    All,
    /// The object with this tag.
    Object(Tag),
    /// The public half of the key with this reference.
    PublicKey(u8),
}

/// Reads the command data of GET DATA.
///
/// # Errors
/// [`TlvError`] where it is malformed.
pub fn decode_get_data(data: &[u8]) -> Result<Wanted, TlvError> {
    if let Ok(list) = tlv::only(data, TAG_LIST) {
        return match list {
            [] => Ok(Wanted::All),
            tag => Tag::parse(tag).map(Wanted::Object),
        };
    }
    let fields = tlv::only(data, TAG_KEY_HANDLING)?;
    if tlv::require(fields, TAG_KEY_VALUE)? != PUBLIC_KEY_HEADER {
        return Err(TlvError::InvalidValue(TAG_KEY_VALUE));
    }
    match tlv::require(fields, TAG_KEY)? {
        [key] => Ok(Wanted::PublicKey(*key)),
        _ => Err(TlvError::InvalidValue(TAG_KEY)),
    }
}

/// Reads the command data of PUT DATA: one object, its tag and what it shall hold.
///
/// # Errors
/// [`TlvError`] where it is not one object.
pub fn decode_put_data(data: &[u8]) -> Result<(Tag, &[u8]), TlvError> {
    let mut objects = tlv::Reader::new(data);
    let object = objects.next().ok_or(TlvError::Truncated)??;
    match objects.next() {
        None => Ok((object.tag, object.value)),
        Some(_) => Err(TlvError::TrailingBytes),
    }
}

/// The tries of a PIN: `7F71 { 97 left, 93 of }`.
///
/// # Errors
/// Never in practice: it is short.
pub fn encode_tries(tag: Tag, left: u8, limit: u8) -> Result<Vec<u8>, TlvError> {
    let mut fields = tlv::encode(TAG_TRIES_LEFT, &[left])?;
    tlv::write(&mut fields, TAG_TRY_LIMIT, &[limit])?;
    tlv::encode(tag, &fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_send() {
        let object = decode_get_data(&[0x5C, 2, 0xDF, 0x1F]);
        assert_eq!(object, Ok(Wanted::Object(Tag::new(0xDF1F))));
        assert_eq!(decode_get_data(&[0x5C, 0]), Ok(Wanted::All));
        let key = [0x70, 8, 0x84, 1, 0x81, 0xA5, 3, 0x7F, 0x49, 0x80];
        assert_eq!(decode_get_data(&key), Ok(Wanted::PublicKey(0x81)));
        for bytes in [&[][..], &[0x5C], &[0x5C, 3, 0xDF, 0x1F, 0], &key[..9]] {
            assert!(decode_get_data(bytes).is_err(), "{bytes:02X?}");
        }
        let put = decode_put_data(&[0xDF, 0x23, 1, 7]);
        assert_eq!(put, Ok((Tag::new(0xDF23), &[7][..])));
        assert!(decode_put_data(&[]).is_err());
        assert!(decode_put_data(&[0xDF, 0x23, 1, 7, 0]).is_err());
        let tries = encode_tries(TAGS_PIN[0], 3, 5).unwrap();
        assert_eq!(tries, [0x7F, 0x71, 6, 0x97, 1, 3, 0x93, 1, 5]);
    }
}
