//! The command data of GENERATE ASYMMETRIC KEY PAIR: `AC { 80 mechanism, 83 key }`.

use super::mechanism::{Mechanism, Padding};
use crate::piv::KeyAlgorithm;
use crate::tlv::{self, Tag, TlvError};

const TAG_CONTROL: Tag = Tag::new(0xAC);
const TAG_MECHANISM: Tag = Tag::new(0x80);
const TAG_KEY: Tag = Tag::new(0x83);

/// The kind of key to make, and the reference of its file.
///
/// # Errors
/// [`TlvError`] where a field is missing or malformed, or the kind is not one of this card edge.
pub fn decode(data: &[u8]) -> Result<(KeyAlgorithm, u8), TlvError> {
    let fields = tlv::only(data, TAG_CONTROL)?;
    let algorithm = match tlv::require(fields, TAG_MECHANISM)? {
        [byte] => Mechanism::decode(*byte).filter(|found| found.padding == Padding::None),
        _ => None,
    };
    let algorithm = algorithm
        .ok_or(TlvError::InvalidValue(TAG_MECHANISM))?
        .algorithm;
    match tlv::require(fields, TAG_KEY)? {
        [key] => Ok((algorithm, *key)),
        _ => Err(TlvError::InvalidValue(TAG_KEY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_send() {
        let data = [0xAC, 6, 0x80, 1, 0x07, 0x83, 1, 0x81];
        assert_eq!(decode(&data), Ok((KeyAlgorithm::Rsa2048, 0x81)));
        for (index, byte) in [(4, 0x57), (4, 0x0C), (5, 0x84), (0, 0x7C)] {
            let mut data = data;
            data[index] = byte;
            assert!(decode(&data).is_err(), "{index} {byte:02X}");
        }
    }
}
