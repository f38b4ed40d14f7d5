//! The name of an authority's key, as the addresses in certificates have it.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// SHA-256 of the DER of a key's SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
///
/// It is computed from the key alone, so that every key has one: an imported authority's certificate may lack a
/// subject key identifier, and two authorities may have the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The name of the key with this SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn of_spki(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl fmt::Display for KeyId {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A text that is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key id must be 64 lower-case hexadecimal digits")]
pub struct InvalidKeyId;

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    /// Reads the one form in which addresses have it: another would be a second address for the same thing.
    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| InvalidKeyId)?;
        Ok(Self(bytes.try_into().map_err(|_| InvalidKeyId)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_read_in_one_form_alone() {
        let id = KeyId::of_spki(b"key");
        let text = id.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse(), Ok(id));
        for other in [
            text.to_uppercase(),
            text.replace(&text[..2], ""),
            format!("{text}00"),
            String::new(),
        ] {
            assert_eq!(other.parse::<KeyId>(), Err(InvalidKeyId), "{other}");
        }
    }
}
