//! The command data of MANAGE SECURITY ENVIRONMENT.
//!
//! ```text
//! 80 mechanism, 84 key      for a signature or a decryption
//! 83 key                    for the key of whoever administers the card
//! ```

use super::mechanism::Mechanism;
use crate::tlv::{self, Tag, TlvError};

const TAG_MECHANISM: Tag = Tag::new(0x80);
const TAG_ADMINISTRATOR_KEY: Tag = Tag::new(0x83);
const TAG_KEY: Tag = Tag::new(0x84);

/// A key pair and what is to be done with it.
///
/// # Errors
/// [`TlvError`] where a field is missing or malformed, or the mechanism is not one of this card edge.
pub fn decode_key_pair(data: &[u8]) -> Result<(Mechanism, u8), TlvError> {
    let mechanism = Mechanism::decode(byte(data, TAG_MECHANISM)?)
        .ok_or(TlvError::InvalidValue(TAG_MECHANISM))?;
    Ok((mechanism, byte(data, TAG_KEY)?))
}

/// The key of whoever administers the card.
///
/// # Errors
/// [`TlvError`] where it is missing or malformed.
pub fn decode_administrator_key(data: &[u8]) -> Result<u8, TlvError> {
    byte(data, TAG_ADMINISTRATOR_KEY)
}

fn byte(data: &[u8], tag: Tag) -> Result<u8, TlvError> {
    match tlv::require(data, tag)? {
        [byte] => Ok(*byte),
        _ => Err(TlvError::InvalidValue(tag)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_send() {
        let (mechanism, key) = decode_key_pair(&[0x80, 1, 0x57, 0x84, 1, 0x81]).unwrap();
        assert_eq!((mechanism.encode(), key), (Some(0x57), 0x81));
        assert_eq!(decode_administrator_key(&[0x83, 1, 0x80]), Ok(0x80));
        assert!(decode_key_pair(&[0x80, 1, 0x27, 0x84, 1, 0x81]).is_err());
        assert!(decode_key_pair(&[0x80, 1, 0x57]).is_err());
        assert!(decode_administrator_key(&[0x83, 2, 0x80, 0]).is_err());
    }
}
