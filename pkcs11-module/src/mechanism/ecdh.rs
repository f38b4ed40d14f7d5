//! CKM_ECDH1_DERIVE (PKCS#11 3.0 mechanisms, 2.3.17 and 2.3.18): the shared secret as it is, or what the key derivation
//! function of ANSI X9.63 makes of it.

use cryptoki_sys::*;
use der::Decode;
use der::asn1::OctetStringRef;
use zeroize::Zeroizing;

use super::parameter::Parameter;
use super::row::{Row, Usage};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::{CertifiedKey, KeyType, curve25519, ec};

/// The mechanism.
pub const ROWS: [Row; 1] = [Row {
    number: CKM_ECDH1_DERIVE,
    name: "CKM_ECDH1_DERIVE",
    keys: &[KeyType::Ec, KeyType::Montgomery],
    usage: Usage::Agree,
    hash: None,
}];

/// Most bytes that are derived.
const DERIVED_MAX: usize = 65_536;

/// What is made of the shared secret.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Derivation {
    /// `CKD_NULL`: nothing.
    None,
    /// `CKD_SHA256_KDF` and so on: ANSI X9.63 with this hash function, and data that both sides know.
    X963(Hash, Vec<u8>),
}

/// ECDH with a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecdh {
    /// The peer's point, bare or as a DER OCTET STRING.
    public_data: Vec<u8>,
    derivation: Derivation,
}

impl Ecdh {
    /// The shared secret as it is.
    #[must_use]
    pub fn plain(public_data: Vec<u8>) -> Self {
        Self {
            public_data,
            derivation: Derivation::None,
        }
    }

    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is missing, or asks for a derivation that is not known.
    pub fn read(parameter: &dyn Parameter) -> Result<Self> {
        let ecdh = parameter.ecdh()?;
        let x963 = |hash| Ok(Derivation::X963(hash, ecdh.shared_data.clone()));
        let derivation = match ecdh.derivation {
            CKD_NULL if ecdh.shared_data.is_empty() => Ok(Derivation::None),
            CKD_SHA1_KDF => x963(Hash::Sha1),
            CKD_SHA224_KDF => x963(Hash::Sha224),
            CKD_SHA256_KDF => x963(Hash::Sha256),
            CKD_SHA384_KDF => x963(Hash::Sha384),
            CKD_SHA512_KDF => x963(Hash::Sha512),
            _ => Err(Error::MechanismParameter),
        }?;
        Ok(Self {
            public_data: ecdh.public_data,
            derivation,
        })
    }

    /// What the caller gets for a shared secret: with a derivation as many bytes as wanted, or one hash; else the secret.
    ///
    /// # Errors
    /// [`Error::TemplateInconsistent`] where more bytes are wanted than are ever derived.
    pub fn derive(
        &self,
        secret: Zeroizing<Vec<u8>>,
        wanted: Option<usize>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let Derivation::X963(hash, shared) = &self.derivation else {
            return Ok(secret);
        };
        let length = wanted.unwrap_or(hash.length());
        if length > DERIVED_MAX {
            return Err(Error::TemplateInconsistent);
        }
        let mut derived = Zeroizing::new(Vec::with_capacity(length + hash.length()));
        for counter in 1_u32.. {
            if derived.len() >= length {
                break;
            }
            derived.extend_from_slice(&hash.of(&[&secret, &counter.to_be_bytes(), shared]));
        }
        derived.truncate(length);
        Ok(derived)
    }

    /// The peer's bare point, which must be one of the curve of this key.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is not, [`Error::KeyType`] where the key agrees on nothing.
    pub fn point(&self, key: &CertifiedKey) -> Result<&[u8]> {
        let is_point: &dyn Fn(&[u8]) -> bool = match key {
            CertifiedKey::Ec(key) => &|point| ec::is_point(key.curve, point),
            CertifiedKey::Montgomery(_) => &|point| point.len() == curve25519::LENGTH,
            CertifiedKey::Rsa(_) | CertifiedKey::Edwards(_) => return Err(Error::KeyType),
        };
        let bare = self.public_data.as_slice();
        let wrapped = <&OctetStringRef>::from_der(bare).map(OctetStringRef::as_bytes);
        [Some(bare), wrapped.ok()]
            .into_iter()
            .flatten()
            .find(|point| is_point(point))
            .ok_or(Error::MechanismParameter)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn x963(hash: Hash, shared: &[u8], secret: &str, length: usize) -> String {
        let ecdh = Ecdh {
            public_data: Vec::new(),
            derivation: Derivation::X963(hash, shared.to_vec()),
        };
        let secret = HEXLOWER.decode(secret.as_bytes()).unwrap().into();
        HEXLOWER.encode(&ecdh.derive(secret, Some(length)).unwrap())
    }

    #[test]
    fn a_derivation_of_x963_is_that_of_the_standards_vectors() {
        // NIST's vectors for ANSI X9.63-2001, SHA-1, 192 bits of secret, no shared data, 128 bits of key, number 0.
        let secret = "1c7d7b5f0597b03d06a018466ed1a93e30ed4b04dc64ccdd";
        let key = x963(Hash::Sha1, b"", secret, 16);
        assert_eq!(key, "bf71dffd8f4d99223936beb46fee8ccc");
    }

    #[test]
    fn a_derivation_is_as_long_as_wanted_and_depends_on_the_shared_data() {
        let long = x963(Hash::Sha256, b"info", "01", 80);
        assert_eq!(long.len(), 160);
        assert_eq!(x963(Hash::Sha256, b"info", "01", 40), long[..80]);
        assert_ne!(x963(Hash::Sha256, b"other", "01", 40), long[..80]);
        let first = Hash::Sha256.of(&[&[1], &[0, 0, 0, 1], b"info"]);
        let second = Hash::Sha256.of(&[&[1], &[0, 0, 0, 2], b"info"]);
        assert_eq!(
            long[..128],
            HEXLOWER.encode(&[first.as_slice(), &second].concat())
        );
        let ecdh = Ecdh::plain(Vec::new());
        let secret = Zeroizing::new(vec![7; 32]);
        assert_eq!(ecdh.derive(secret.clone(), Some(99)), Ok(secret));
    }
}
