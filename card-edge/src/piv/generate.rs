//! GENERATE ASYMMETRIC KEY PAIR: its control template and the public key that comes back
//! (SP 800-73-5 part 2, 3.3.2, tables 10 and 11).

use super::key::Algorithm;
use crate::tlv::{self, Tag, TlvError};

const TAG_CONTROL: Tag = Tag::new(0xAC);
const TAG_MECHANISM: Tag = Tag::new(0x80);
const TAG_PUBLIC_KEY: Tag = Tag::new(0x7F49);
const TAG_MODULUS: Tag = Tag::new(0x81);
const TAG_EXPONENT: Tag = Tag::new(0x82);
const TAG_POINT: Tag = Tag::new(0x86);

/// Encodes the control template: `AC 03 80 01 algorithm`.
///
/// # Errors
/// [`TlvError`] never for the values here; the signature is that of all encoders.
pub fn encode_control(algorithm: Algorithm) -> Result<Vec<u8>, TlvError> {
    tlv::encode(
        TAG_CONTROL,
        &tlv::encode(TAG_MECHANISM, &[algorithm.identifier()])?,
    )
}

/// What a control template asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// 80: the kind of key.
    pub algorithm: Algorithm,
    /// Any other field (a parameter, policies that some tools add), for the card to take or refuse.
    pub others: Vec<(Tag, Vec<u8>)>,
}

/// Reads a control template.
///
/// # Errors
/// [`TlvError`] where it is malformed or names no algorithm that is known.
pub fn decode_control(data: &[u8]) -> Result<Control, TlvError> {
    let mut algorithm = None;
    let mut others = Vec::new();
    for field in tlv::Reader::new(tlv::only(data, TAG_CONTROL)?) {
        let field = field?;
        match (field.tag, field.value) {
            (TAG_MECHANISM, [identifier]) => {
                let known = Algorithm::try_from(*identifier);
                algorithm = Some(known.map_err(|_| TlvError::InvalidValue(TAG_MECHANISM))?);
            }
            (tag, value) => others.push((tag, value.to_vec())),
        }
    }
    let algorithm = algorithm.ok_or(TlvError::Missing(TAG_MECHANISM))?;
    Ok(Control { algorithm, others })
}

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
        /// 86: the point.
        point: Vec<u8>,
    },
}

impl PublicKey {
    /// Encodes tag 7F49.
    ///
    /// # Errors
    /// [`TlvError`] where a field is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let mut body = Vec::new();
        match self {
            Self::Rsa { modulus, exponent } => {
                tlv::write(&mut body, TAG_MODULUS, modulus)?;
                tlv::write(&mut body, TAG_EXPONENT, exponent)?;
            }
            Self::Ecc { point } => tlv::write(&mut body, TAG_POINT, point)?,
        }
        tlv::encode(TAG_PUBLIC_KEY, &body)
    }

    /// Reads tag 7F49.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed or holds neither kind of key.
    pub fn decode(answer: &[u8]) -> Result<Self, TlvError> {
        let body = tlv::only(answer, TAG_PUBLIC_KEY)?;
        if let Some(point) = tlv::find(body, TAG_POINT)? {
            return Ok(Self::Ecc {
                point: point.to_vec(),
            });
        }
        Ok(Self::Rsa {
            modulus: tlv::require(body, TAG_MODULUS)?.to_vec(),
            exponent: tlv::require(body, TAG_EXPONENT)?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_template_of_the_standard() {
        assert_eq!(
            encode_control(Algorithm::Rsa2048).unwrap(),
            [0xAC, 3, 0x80, 1, 7]
        );
        assert_eq!(
            decode_control(&[0xAC, 3, 0x80, 1, 0x11]).unwrap(),
            Control {
                algorithm: Algorithm::P256,
                others: vec![]
            }
        );
        assert!(decode_control(&[0xAC, 3, 0x80, 1, 0xFF]).is_err());
    }

    #[test]
    fn public_keys_survive() {
        for key in [
            PublicKey::Rsa {
                modulus: vec![0xC1; 256],
                exponent: vec![1, 0, 1],
            },
            PublicKey::Ecc { point: vec![4; 65] },
        ] {
            assert_eq!(PublicKey::decode(&key.encode().unwrap()).unwrap(), key);
        }
    }
}
