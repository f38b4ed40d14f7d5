//! The command data of IMPORT KEY (FE).
//!
//! ```text
//! 01 p, 02 q, [03 dP, 04 dQ, 05 qInv], [policies]    RSA
//! 06 scalar, [policies]                              ECC
//! 07 secret, [policies]                              Ed25519
//! 08 secret, [policies]                              X25519
//! ```

use zeroize::Zeroizing;

use super::policy::PolicyField;
use crate::tlv::{self, Tag, TlvError};

const TAG_P: Tag = Tag::new(0x01);
const TAG_Q: Tag = Tag::new(0x02);
const TAG_DP: Tag = Tag::new(0x03);
const TAG_DQ: Tag = Tag::new(0x04);
const TAG_QINV: Tag = Tag::new(0x05);
const TAG_SCALAR: Tag = Tag::new(0x06);
const TAG_ED25519: Tag = Tag::new(0x07);
const TAG_X25519: Tag = Tag::new(0x08);

/// Private key material that comes from outside.
#[derive(Clone)]
pub enum ImportedKey {
    /// The two primes of an RSA key with exponent 65537, big-endian.
    Rsa {
        /// The first prime.
        p: Zeroizing<Vec<u8>>,
        /// The second prime.
        q: Zeroizing<Vec<u8>>,
    },
    /// The secret scalar of an ECC key, big-endian, as long as a coordinate.
    Ecc(Zeroizing<Vec<u8>>),
    /// The private key of Ed25519 (RFC 8032, 5.1.5).
    Ed25519(Zeroizing<Vec<u8>>),
    /// The private key of X25519 (RFC 7748, 5).
    X25519(Zeroizing<Vec<u8>>),
}

/// What the command data says.
pub struct Import {
    /// The key.
    pub key: ImportedKey,
    /// The policies that the host asks for.
    pub policies: Vec<PolicyField>,
}

/// Reads the command data. The CRT values 03 to 05 follow from the primes and are passed over.
///
/// # Errors
/// [`TlvError`] where it is malformed, has an unknown field, or is neither kind of key.
pub fn decode(data: &[u8]) -> Result<Import, TlvError> {
    let mut policies = Vec::new();
    let (mut p, mut q, mut other) = (None, None, None);
    for field in tlv::Reader::new(data) {
        let field = field?;
        let value = || Zeroizing::new(field.value.to_vec());
        let one_of_its_kind = |other: Option<ImportedKey>, key| match other {
            None => Ok(Some(key)),
            Some(_) => Err(TlvError::InvalidValue(field.tag)),
        };
        match field.tag {
            TAG_P => p = Some(value()),
            TAG_Q => q = Some(value()),
            TAG_SCALAR => other = one_of_its_kind(other, ImportedKey::Ecc(value()))?,
            TAG_ED25519 => other = one_of_its_kind(other, ImportedKey::Ed25519(value()))?,
            TAG_X25519 => other = one_of_its_kind(other, ImportedKey::X25519(value()))?,
            TAG_DP | TAG_DQ | TAG_QINV => {}
            tag => policies.push(PolicyField::decode(tag, field.value)?),
        }
    }
    let key = match (p, q, other) {
        (Some(p), Some(q), None) => ImportedKey::Rsa { p, q },
        (None, None, Some(key)) => key,
        _ => return Err(TlvError::Missing(TAG_P)),
    };
    Ok(Import { key, policies })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piv::access::PinPolicy;

    #[test]
    fn each_kind_of_key_is_read_and_nothing_between_them() {
        let rsa = decode(&[0x01, 1, 3, 0x02, 1, 5, 0x03, 1, 9, 0xAA, 1, 2]).unwrap();
        assert!(matches!(rsa.key, ImportedKey::Rsa { p, q } if (p[0], q[0]) == (3, 5)));
        assert_eq!(rsa.policies, [PolicyField::Pin(Some(PinPolicy::Once))]);
        let ecc = decode(&[0x06, 1, 7]).unwrap();
        assert!(matches!(ecc.key, ImportedKey::Ecc(scalar) if scalar[0] == 7));
        let ed25519 = decode(&[0x07, 1, 9]).unwrap();
        assert!(matches!(ed25519.key, ImportedKey::Ed25519(secret) if secret[0] == 9));
        let x25519 = decode(&[0x08, 1, 9, 0xAB, 1, 1]).unwrap();
        assert!(matches!(x25519.key, ImportedKey::X25519(secret) if secret[0] == 9));
        for torn in [
            &[0x01, 1, 3][..],
            &[0x06, 1, 7, 0x07, 1, 7],
            &[0x07, 1, 7, 0x07, 1, 7],
            &[0x01, 1, 3, 0x06, 1, 7],
            &[0x06, 1, 7, 0x09, 0],
            &[0x06, 2, 7],
        ] {
            assert!(decode(torn).is_err());
        }
    }
}
