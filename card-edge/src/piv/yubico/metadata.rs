//! The answer to GET METADATA (F7): what a card tells of a key, PIN or PUK. It alone tells whether a PIN is still the
//! default one without risking a try.
//!
//! ```text
//! 01 algorithm (FF: a PIN or PUK), 02 PIN policy and touch policy, 03 origin, 04 { fields of 7F49 },
//! 05 whether the value is the one of a new card, 06 retry limit and tries left
//! ```

use super::policy::Policies;
use crate::piv::public_key::PublicKey;
use crate::tlv::{self, Tag, TlvError};

const TAG_ALGORITHM: Tag = Tag::new(0x01);
const TAG_POLICIES: Tag = Tag::new(0x02);
const TAG_ORIGIN: Tag = Tag::new(0x03);
const TAG_PUBLIC_KEY: Tag = Tag::new(0x04);
const TAG_IS_DEFAULT: Tag = Tag::new(0x05);
const TAG_RETRIES: Tag = Tag::new(0x06);

/// What stands in 01 for a PIN or PUK.
pub const ALGORITHM_OF_PIN: u8 = 0xFF;

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// 01: made on the card.
    Generated,
    /// 02: written to it from outside.
    Imported,
}

/// The retry counter of a PIN or PUK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Tries after it was last right.
    pub limit: u8,
    /// Tries left.
    pub left: u8,
}

/// What the card tells of a reference; each field where it tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// 01: the algorithm identifier of a key; [`ALGORITHM_OF_PIN`] for a PIN.
    pub algorithm: Option<u8>,
    /// 02: the policies of a key.
    pub policies: Option<Policies>,
    /// 03: where a key comes from.
    pub origin: Option<KeyOrigin>,
    /// 04: the public key.
    pub public_key: Option<PublicKey>,
    /// 05: whether the value is the one of a new card.
    pub is_default: Option<bool>,
    /// 06: the retry counter.
    pub retries: Option<Retries>,
}

impl KeyOrigin {
    fn to_u8(self) -> u8 {
        match self {
            Self::Generated => 0x01,
            Self::Imported => 0x02,
        }
    }

    fn from_u8(byte: u8) -> Option<Self> {
        [Self::Generated, Self::Imported]
            .into_iter()
            .find(|origin| origin.to_u8() == byte)
    }
}

impl Metadata {
    /// Encodes the fields that there are.
    ///
    /// # Errors
    /// [`TlvError`] where the public key is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut out = Vec::new();
        if let Some(algorithm) = self.algorithm {
            tlv::write(&mut out, TAG_ALGORITHM, &[algorithm])?;
        }
        if let Some(policies) = self.policies {
            tlv::write(&mut out, TAG_POLICIES, &policies.to_bytes())?;
        }
        if let Some(origin) = self.origin {
            tlv::write(&mut out, TAG_ORIGIN, &[origin.to_u8()])?;
        }
        if let Some(public_key) = &self.public_key {
            tlv::write(&mut out, TAG_PUBLIC_KEY, &public_key.encode_fields()?)?;
        }
        if let Some(is_default) = self.is_default {
            tlv::write(&mut out, TAG_IS_DEFAULT, &[u8::from(is_default)])?;
        }
        if let Some(Retries { limit, left }) = self.retries {
            tlv::write(&mut out, TAG_RETRIES, &[limit, left])?;
        }
        Ok(out)
    }

    /// Reads an answer. Fields that this type does not name are passed over, and so is what a card says of a key in a
    /// way that is not known.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed, or 01, 05 or 06 has a wrong length.
    pub fn decode(answer: &[u8]) -> Result<Self, TlvError> {
        let mut metadata = Self::default();
        for field in tlv::Reader::new(answer) {
            let field = field?;
            match (field.tag, field.value) {
                (TAG_ALGORITHM, [algorithm]) => metadata.algorithm = Some(*algorithm),
                (TAG_POLICIES, [pin, touch]) => {
                    metadata.policies = Policies::from_bytes([*pin, *touch]);
                }
                (TAG_ORIGIN, [origin]) => metadata.origin = KeyOrigin::from_u8(*origin),
                (TAG_PUBLIC_KEY, fields) => {
                    metadata.public_key = PublicKey::decode_fields(fields).ok();
                }
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
