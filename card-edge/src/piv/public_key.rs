//! The public key that a card gives in answer to GENERATE ASYMMETRIC KEY PAIR
//! (SP 800-73-5 part 2, 3.3.2, table 11).
//!
//! ```text
//! 7F49 { 81 modulus, 82 exponent }    RSA
//! 7F49 { 86 point }                   ECC
//! 7F49 { 86 public key }              Ed25519 and X25519, 32 bytes, beyond the standard
//! ```

use super::algorithm::Curve;
use crate::tlv::{self, Tag, TlvError};

const TAG_PUBLIC_KEY: Tag = Tag::new(0x7F49);
const TAG_MODULUS: Tag = Tag::new(0x81);
const TAG_EXPONENT: Tag = Tag::new(0x82);
const TAG_POINT: Tag = Tag::new(0x86);

/// A public key as the card gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA: big-endian modulus (as long as the key) and exponent.
    Rsa {
        /// 81: the modulus.
        modulus: Vec<u8>,
        /// 82: the public exponent, 010001.
        exponent: Vec<u8>,
    },
    /// ECC: the uncompressed point `04 X Y`.
    Ecc {
        /// The curve, which the card leaves to the length of the point.
        curve: Curve,
        /// 86: the point.
        point: Vec<u8>,
    },
    /// Ed25519 or X25519: which of them the card leaves to the algorithm.
    Curve25519 {
        /// 86: the encoded point (RFC 8032, 5.1.2) or the u-coordinate (RFC 7748, 5), little-endian.
        key: [u8; CURVE_25519_LENGTH],
    },
}

/// The bytes of a public key of Ed25519 or X25519, and of their private keys.
pub const CURVE_25519_LENGTH: usize = 32;

impl PublicKey {
    /// Encodes the template.
    ///
    /// # Errors
    /// [`TlvError`] where a field is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        tlv::encode(TAG_PUBLIC_KEY, &self.encode_fields()?)
    }

    /// Encodes the fields that stand inside the template.
    ///
    /// # Errors
    /// [`TlvError`] where one is too long.
    pub fn encode_fields(&self) -> Result<Vec<u8>, TlvError> {
        let mut fields = Vec::new();
        match self {
            Self::Rsa { modulus, exponent } => {
                tlv::write(&mut fields, TAG_MODULUS, modulus)?;
                tlv::write(&mut fields, TAG_EXPONENT, exponent)?;
            }
            Self::Ecc { point, .. } => tlv::write(&mut fields, TAG_POINT, point)?,
            Self::Curve25519 { key } => tlv::write(&mut fields, TAG_POINT, key)?,
        }
        Ok(fields)
    }

    /// Reads the template.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed or holds no key of a kind that cards have.
    pub fn decode(answer: &[u8]) -> Result<Self, TlvError> {
        Self::decode_fields(tlv::only(answer, TAG_PUBLIC_KEY)?)
    }

    /// Reads the fields that stand inside the template.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_fields(fields: &[u8]) -> Result<Self, TlvError> {
        if let Some(point) = tlv::find(fields, TAG_POINT)? {
            if let Ok(key) = point.try_into() {
                return Ok(Self::Curve25519 { key });
            }
            let curve = Curve::ALL
                .into_iter()
                .find(|curve| point.len() == 1 + 2 * curve.field_length())
                .ok_or(TlvError::InvalidValue(TAG_POINT))?;
            return Ok(Self::Ecc {
                curve,
                point: point.to_vec(),
            });
        }
        Ok(Self::Rsa {
            modulus: tlv::require(fields, TAG_MODULUS)?.to_vec(),
            exponent: tlv::require(fields, TAG_EXPONENT)?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_keys_survive() {
        for key in [
            PublicKey::Rsa {
                modulus: vec![0xC1; 256],
                exponent: vec![1, 0, 1],
            },
            PublicKey::Ecc {
                curve: Curve::P256,
                point: vec![4; 65],
            },
            PublicKey::Ecc {
                curve: Curve::P384,
                point: vec![4; 97],
            },
            PublicKey::Curve25519 { key: [9; 32] },
        ] {
            assert_eq!(PublicKey::decode(&key.encode().unwrap()).unwrap(), key);
        }
    }

    #[test]
    fn a_point_of_no_known_curve_is_refused() {
        assert_eq!(
            PublicKey::decode_fields(&[0x86, 2, 4, 4]),
            Err(TlvError::InvalidValue(TAG_POINT))
        );
    }
}
