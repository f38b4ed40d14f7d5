//! GET METADATA (INS F7): what a card tells of a key, PIN or PUK. No part of SP 800-73; Yubico's cards brought it
//! (firmware 5.3), and others followed. It alone tells whether a PIN is still the default one without risking a try.

use crate::apdu::Instruction;
use crate::tlv::{self, Tag, TlvError};

/// GET METADATA. P1 is 00, P2 a key reference or the reference of a PIN.
pub const GET_METADATA: Instruction = Instruction::Other(0xF7);

const TAG_ALGORITHM: Tag = Tag::new(0x01);
const TAG_IS_DEFAULT: Tag = Tag::new(0x05);
const TAG_RETRIES: Tag = Tag::new(0x06);

/// The retry counter of a PIN or PUK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Tries after it was last right.
    pub limit: u8,
    /// Tries left.
    pub left: u8,
}

/// What the card tells of a reference; each field where it tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// 01: the algorithm identifier of a key; FF for a PIN.
    pub algorithm: Option<u8>,
    /// 05: whether the value is the one of a new card.
    pub is_default: Option<bool>,
    /// 06: the retry counter.
    pub retries: Option<Retries>,
}

impl Metadata {
    /// Encodes the fields that there are.
    ///
    /// # Errors
    /// [`TlvError`] never for the values here; the signature is that of all encoders.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut out = Vec::new();
        if let Some(algorithm) = self.algorithm {
            tlv::write(&mut out, TAG_ALGORITHM, &[algorithm])?;
        }
        if let Some(is_default) = self.is_default {
            tlv::write(&mut out, TAG_IS_DEFAULT, &[u8::from(is_default)])?;
        }
        if let Some(Retries { limit, left }) = self.retries {
            tlv::write(&mut out, TAG_RETRIES, &[limit, left])?;
        }
        Ok(out)
    }

    /// Reads an answer. Fields that this type does not name are passed over.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed, or a field has a wrong length.
    pub fn decode(answer: &[u8]) -> Result<Self, TlvError> {
        let mut metadata = Self::default();
        for field in tlv::Reader::new(answer) {
            let field = field?;
            match (field.tag, field.value) {
                (TAG_ALGORITHM, [algorithm]) => metadata.algorithm = Some(*algorithm),
                (TAG_IS_DEFAULT, [flag]) => metadata.is_default = Some(*flag != 0),
                (TAG_RETRIES, [limit, left]) => {
                    metadata.retries = Some(Retries {
                        limit: *limit,
                        left: *left,
                    });
                }
                (tag @ (TAG_ALGORITHM | TAG_IS_DEFAULT | TAG_RETRIES), _) => {
                    return Err(TlvError::InvalidValue(tag));
                }
                _ => {}
            }
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_of_a_new_card() {
        // A token's answer to 00 F7 00 80: algorithm FF, default, 3 of 3 tries.
        let answer = [0x01, 1, 0xFF, 0x05, 1, 1, 0x06, 2, 3, 3];
        let metadata = Metadata::decode(&answer).unwrap();
        assert_eq!(metadata.is_default, Some(true));
        assert_eq!(metadata.retries, Some(Retries { limit: 3, left: 3 }));
        assert_eq!(metadata.encode().unwrap(), answer);
        assert!(Metadata::decode(&[0x05, 0]).is_err());
    }
}
