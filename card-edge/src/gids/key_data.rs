//! The command data of PUT DATA that brings a key.
//!
//! ```text
//! 70 { 84 key, A5 { 87 secret, [88 check value] } }              the key of whoever administers the card
//! 70 { 84 key, A5 { 83 02, 84 00, 87 RSAPrivateKey } }           a key pair (RFC 8017, A.1.2)
//! ```

use zeroize::Zeroizing;

use crate::piv::yubico::import::ImportedKey;
use crate::tlv::{self, Tag, TlvError};

const TAG_KEY_HANDLING: Tag = Tag::new(0x70);
const TAG_KEY: Tag = Tag::new(0x84);
const TAG_KEY_VALUE: Tag = Tag::new(0xA5);
const TAG_KIND: Tag = Tag::new(0x83);
const TAG_ENCRYPTED_BY: Tag = Tag::new(0x84);
const TAG_VALUE: Tag = Tag::new(0x87);
const TAG_SEQUENCE: Tag = Tag::new(0x30);
const TAG_INTEGER: Tag = Tag::new(0x02);

const KIND_RSA: u8 = 0x02;
/// In the clear.
const ENCRYPTED_BY_NONE: u8 = 0x00;
/// 65537, the one public exponent.
const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// A key that comes from outside.
#[derive(Clone)]
pub struct KeyData {
    /// The reference of its file.
    pub reference: u8,
    /// The key.
    pub material: KeyMaterial,
}

/// What a key is made of.
#[derive(Clone)]
pub enum KeyMaterial {
    /// A secret key. Its check value is passed over: hosts send one and the same for every key.
    Secret(Zeroizing<Vec<u8>>),
    /// A key pair.
    KeyPair(ImportedKey),
}

/// Reads the command data.
///
/// # Errors
/// [`TlvError`] where it is malformed, encrypted, or of another kind.
pub fn decode(data: &[u8]) -> Result<KeyData, TlvError> {
    let fields = tlv::only(data, TAG_KEY_HANDLING)?;
    let [reference] = tlv::require(fields, TAG_KEY)? else {
        return Err(TlvError::InvalidValue(TAG_KEY));
    };
    let value = tlv::require(fields, TAG_KEY_VALUE)?;
    let key = tlv::require(value, TAG_VALUE)?;
    let material = match tlv::find(value, TAG_KIND)? {
        None => KeyMaterial::Secret(Zeroizing::new(key.to_vec())),
        Some([KIND_RSA]) => {
            if tlv::require(value, TAG_ENCRYPTED_BY)? != [ENCRYPTED_BY_NONE] {
                return Err(TlvError::InvalidValue(TAG_ENCRYPTED_BY));
            }
            KeyMaterial::KeyPair(decode_rsa(key)?)
        }
        Some(_) => return Err(TlvError::InvalidValue(TAG_KIND)),
    };
    Ok(KeyData {
        reference: *reference,
        material,
    })
}

/// `RSAPrivateKey { version, n, e, d, p, q, dP, dQ, qInv }`: the primes are the key; the exponent must be the one that
/// this card has, and the rest follows from them.
fn decode_rsa(der: &[u8]) -> Result<ImportedKey, TlvError> {
    let invalid = TlvError::InvalidValue(TAG_VALUE);
    let mut numbers = Vec::new();
    for element in tlv::Reader::new(tlv::only(der, TAG_SEQUENCE)?) {
        let element = element?;
        if element.tag != TAG_INTEGER {
            return Err(invalid);
        }
        let zeros = element.value.iter().take_while(|byte| **byte == 0).count();
        numbers.push(element.value.get(zeros..).unwrap_or_default());
    }
    match numbers.as_slice() {
        [[], _, e, _, p, q, _, _, _] if *e == EXPONENT => Ok(ImportedKey::Rsa {
            p: Zeroizing::new(p.to_vec()),
            q: Zeroizing::new(q.to_vec()),
        }),
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_key_and_a_key_pair() {
        let secret = [
            &[0x70, 0x24, 0x84, 0x01, 0x80, 0xA5, 0x1F, 0x87, 0x18][..],
            &[7; 24],
            &[0x88, 0x03, 0xB0, 0x73, 0xDC],
        ]
        .concat();
        let key = decode(&secret).unwrap();
        assert_eq!(key.reference, 0x80);
        assert!(matches!(key.material, KeyMaterial::Secret(key) if *key == [7; 24]));

        let rsa = [
            &[0x70, 0x2C, 0x84, 0x01, 0x81, 0xA5, 0x27][..],
            &[0x83, 0x01, 0x02, 0x84, 0x01, 0x00, 0x87, 0x1F, 0x30, 0x1D],
            &[0x02, 0x01, 0x00, 0x02, 0x01, 0x21, 0x02, 0x03, 1, 0, 1],
            &[0x02, 0x01, 0x09, 0x02, 0x02, 0x00, 0xC1, 0x02, 0x01, 0x0B],
            &[0x02, 0x01, 0x01, 0x02, 0x00, 0x02, 0x01, 0x03],
        ]
        .concat();
        let key = decode(&rsa).unwrap();
        assert!(
            matches!(key.material, KeyMaterial::KeyPair(ImportedKey::Rsa { p, q }) if p[..] == [0xC1] && q[..] == [0x0B])
        );
        for (index, byte) in [(9, 3), (12, 1), (19, 1), (27, 3), (15, 0x31), (17, 4)] {
            let mut rsa = rsa.clone();
            rsa[index] = byte;
            assert!(decode(&rsa).is_err(), "{index}");
        }
        assert!(decode(&secret[..20]).is_err());
    }
}
