//! Public keys as certificates carry them, and what can be computed with them without a card.

use card_edge::piv::{KeyAlgorithm, KeyKind};
use const_oid::db::rfc5912;
use const_oid::{AssociatedOid, ObjectIdentifier};
use cryptoki_sys::{CK_KEY_TYPE, CK_ULONG, CKK_EC, CKK_RSA};
use der::asn1::UintRef;
use der::{Decode, Encode, Reader, SliceReader};
use p256::NistP256;
use p384::NistP384;
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::PrehashVerifier;
use spki::SubjectPublicKeyInfoRef;

use crate::error::{Error, Result};

/// The type of a key, as mechanisms are chosen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// On a curve.
    Ec,
}

impl KeyType {
    /// `CKK_...`
    #[must_use]
    pub fn number(self) -> CK_KEY_TYPE {
        match self {
            Self::Rsa => CKK_RSA,
            Self::Ec => CKK_EC,
        }
    }

    /// The lengths of such keys on PIV cards in bits; RSA keys of 1024 bits are retired ones.
    #[must_use]
    pub fn bits(self) -> (CK_ULONG, CK_ULONG) {
        match self {
            Self::Rsa => (1024, 3072),
            Self::Ec => (256, 384),
        }
    }
}

/// A curve that PIV cards have (SP 800-78-5, table 3-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// P-256
    P256,
    /// P-384
    P384,
}

impl Curve {
    /// The length of a coordinate in bytes.
    #[must_use]
    pub fn field_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The curve's object identifier.
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => NistP256::OID,
            Self::P384 => NistP384::OID,
        }
    }

    /// The algorithm that the card knows for it.
    #[must_use]
    pub fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::P256 => KeyAlgorithm::P256,
            Self::P384 => KeyAlgorithm::P384,
        }
    }

    /// Whether these bytes are an uncompressed point `04 X Y` on the curve.
    #[must_use]
    pub fn has_point(self, point: &[u8]) -> bool {
        point.first() == Some(&0x04)
            && match self {
                Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
            }
    }
}

/// An RSA public key. Numbers are big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus.
    pub modulus: Vec<u8>,
    /// The public exponent.
    pub exponent: Vec<u8>,
    /// The algorithm that the card knows for a modulus of this length.
    pub algorithm: KeyAlgorithm,
}

/// A public key on a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcKey {
    /// The curve.
    pub curve: Curve,
    /// The uncompressed point `04 X Y`.
    pub point: Vec<u8>,
}

/// A public key of a type that a PIV card has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa(RsaKey),
    /// On a curve.
    Ec(EcKey),
}

impl PublicKey {
    /// The key in a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); `None` where it is of another type,
    /// length or curve than PIV cards have, or malformed.
    #[must_use]
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        let key = info.subject_public_key.as_bytes()?;
        if info.algorithm.oid == rfc5912::RSA_ENCRYPTION {
            return RsaKey::from_pkcs1(key).map(Self::Rsa);
        }
        if info.algorithm.oid != rfc5912::ID_EC_PUBLIC_KEY {
            return None;
        }
        let oid: ObjectIdentifier = info.algorithm.parameters?.decode_as().ok()?;
        let curve = [Curve::P256, Curve::P384]
            .into_iter()
            .find(|curve| curve.oid() == oid)?;
        curve.has_point(key).then(|| {
            Self::Ec(EcKey {
                curve,
                point: key.to_vec(),
            })
        })
    }

    /// Its type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa(_) => KeyType::Rsa,
            Self::Ec(_) => KeyType::Ec,
        }
    }

    /// The algorithm that the card knows for this key.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Rsa(key) => key.algorithm,
            Self::Ec(key) => key.curve.algorithm(),
        }
    }
}

impl RsaKey {
    fn from_pkcs1(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let (modulus, exponent) = reader
            .sequence(|body| -> der::Result<_> {
                let modulus = UintRef::decode(body)?.as_bytes().to_vec();
                let exponent = UintRef::decode(body)?.as_bytes().to_vec();
                Ok((modulus, exponent))
            })
            .ok()?;
        let algorithm = KeyAlgorithm::ALL.into_iter().find(|algorithm| {
            algorithm.kind()
                == KeyKind::Rsa {
                    modulus: modulus.len(),
                }
        })?;
        // A card of such an algorithm has a modulus of exactly that many bits.
        let full = modulus.first().is_some_and(|first| first & 0x80 != 0);
        let key = Self {
            modulus,
            exponent,
            algorithm,
        };
        (full && key.parts().is_some()).then_some(key)
    }

    fn parts(&self) -> Option<rsa::PublicKey> {
        let bits = u32::try_from(8 * self.modulus.len()).ok()?;
        let modulus = BoxedUint::from_be_slice(&self.modulus, bits).ok()?;
        let exponent = BoxedUint::from_be_slice(&self.exponent, 64).ok()?;
        rsa::PublicKey::new(modulus, exponent).ok()
    }

    /// The length of the modulus in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.modulus.len()
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        8 * self.modulus.len()
    }

    /// The bare public operation (RFC 8017, 5.1.1) on a block as long as the modulus; so is the result.
    ///
    /// # Errors
    /// [`Error::DataLength`] where the block is of another length or not below the modulus.
    pub fn apply(&self, block: &[u8]) -> Result<Vec<u8>> {
        let key = self.parts().ok_or(Error::KeyType)?;
        if block.len() != self.length() || block >= self.modulus.as_slice() {
            return Err(Error::DataLength);
        }
        let number = BoxedUint::from_be_slice(block, key.n().bits_precision())
            .map_err(|_| Error::DataLength)?;
        let result = rsa::hazmat::rsa_encrypt(&key, &number).map_err(|_| Error::DataLength)?;
        let bytes = result.to_be_bytes();
        let surplus = bytes.len().saturating_sub(self.length());
        Ok(bytes.get(surplus..).unwrap_or_default().to_vec())
    }
}

impl EcKey {
    /// The point as a DER OCTET STRING, as CKA_EC_POINT has it (PKCS#11 3.0 mechanisms, 2.3.3).
    #[must_use]
    pub fn wrapped_point(&self) -> Vec<u8> {
        der::asn1::OctetStringRef::new(&self.point)
            .and_then(|point| point.to_der())
            .unwrap_or_default()
    }

    /// Whether an ECDSA signature `r || s` is one over this hash, which is as long as a coordinate.
    #[must_use]
    pub fn verify(&self, hash: &[u8], signature: &[u8]) -> bool {
        match self.curve {
            Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .and_then(|key| {
                    key.verify_prehash(hash, &p256::ecdsa::Signature::from_slice(signature)?)
                })
                .is_ok(),
            Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .and_then(|key| {
                    key.verify_prehash(hash, &p384::ecdsa::Signature::from_slice(signature)?)
                })
                .is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_off_the_curve_are_refused() {
        assert!(!Curve::P256.has_point(&[4; 65]));
        assert!(!Curve::P256.has_point(&[]));
    }
}
