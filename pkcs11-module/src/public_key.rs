//! Public keys as certificates carry them, and what can be computed with them without a card.

use card_edge::piv::{KeyAlgorithm, KeyKind};
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode, Reader, SliceReader};
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::PrehashVerifier;
use spki::SubjectPublicKeyInfoRef;

use crate::error::{Error, Result};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

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
            Self::P256 => SECP256R1,
            Self::P384 => SECP384R1,
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
        if info.algorithm.oid == RSA_ENCRYPTION {
            return RsaKey::from_pkcs1(key).map(Self::Rsa);
        }
        if info.algorithm.oid != EC_PUBLIC_KEY {
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

    /// Verifies an ECDSA signature `r || s` over a hash.
    ///
    /// # Errors
    /// [`Error::SignatureLength`] or [`Error::Signature`].
    pub fn verify(&self, hash: &[u8], signature: &[u8]) -> Result<()> {
        if signature.len() != 2 * self.curve.field_length() {
            return Err(Error::SignatureLength);
        }
        let hash = fit_hash(hash, self.curve);
        let valid = match self.curve {
            Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .and_then(|key| {
                    key.verify_prehash(&hash, &p256::ecdsa::Signature::from_slice(signature)?)
                })
                .is_ok(),
            Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
                .and_then(|key| {
                    key.verify_prehash(&hash, &p384::ecdsa::Signature::from_slice(signature)?)
                })
                .is_ok(),
        };
        valid.then_some(()).ok_or(Error::Signature)
    }
}

/// A hash as the number that ECDSA signs (FIPS 186-5, 6.4.1): cut at the right, or filled with zeros at the
/// left, to the length of a coordinate, which is the length that cards want.
#[must_use]
pub fn fit_hash(hash: &[u8], curve: Curve) -> Vec<u8> {
    let length = curve.field_length();
    let kept = hash.get(..length).unwrap_or(hash);
    let mut out = vec![0; length - kept.len()];
    out.extend_from_slice(kept);
    out
}

/// An ECDSA signature as PKCS#11 has it, `r || s`, from the DER `SEQUENCE { r, s }` that a card gives.
///
/// # Errors
/// [`Error::Device`] where it is none.
pub fn raw_signature(der: &[u8], curve: Curve) -> Result<Vec<u8>> {
    let length = curve.field_length();
    let numbers = SliceReader::new(der).and_then(|mut reader| {
        let numbers = reader.sequence(|body| -> der::Result<_> {
            let r = UintRef::decode(body)?.as_bytes().to_vec();
            let s = UintRef::decode(body)?.as_bytes().to_vec();
            Ok([r, s])
        })?;
        reader.finish()?;
        Ok(numbers)
    });
    let malformed = || Error::Device("the card's ECDSA signature is malformed".into());
    let mut out = Vec::with_capacity(2 * length);
    for number in numbers.map_err(|_| malformed())? {
        let filling = length.checked_sub(number.len()).ok_or_else(malformed)?;
        out.resize(out.len() + filling, 0);
        out.extend_from_slice(&number);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_two_numbers_of_the_fields_length() {
        let der = [0x30, 7, 0x02, 1, 5, 0x02, 2, 0x00, 0x80];
        let raw = raw_signature(&der, Curve::P256).unwrap();
        assert_eq!(raw.len(), 64);
        assert_eq!((raw[31], raw[63]), (5, 0x80));
        for broken in [&der[..8], &[0x30, 0], &[], &[&der[..], &[0]].concat()] {
            assert!(raw_signature(broken, Curve::P256).is_err());
        }
        let mut long = vec![0x30, 38, 0x02, 33];
        long.extend([1; 33]);
        long.extend([0x02, 1, 1]);
        assert!(raw_signature(&long, Curve::P256).is_err());
    }

    #[test]
    fn hashes_are_cut_or_filled_to_the_field() {
        assert_eq!(fit_hash(&[7; 64], Curve::P256), [7; 32]);
        let filled = fit_hash(&[7; 20], Curve::P384);
        assert_eq!((filled.len(), filled[27], filled[28]), (48, 0, 7));
    }

    #[test]
    fn points_off_the_curve_are_none() {
        assert!(!Curve::P256.has_point(&[4; 65]));
        assert!(!Curve::P256.has_point(&[]));
    }
}
