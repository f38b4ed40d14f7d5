//! Public keys on curves.

use card_edge::piv::KeyAlgorithm;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use p256::NistP256;
use p384::NistP384;
use signature::hazmat::PrehashVerifier;

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

/// A public key on a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcKey {
    /// The curve.
    pub curve: Curve,
    /// The uncompressed point `04 X Y`.
    pub point: Vec<u8>,
}

impl EcKey {
    /// The key with this point on the curve of this identifier; `None` where it is another curve than PIV cards have, or
    /// the point is not on it.
    #[must_use]
    pub fn from_point(curve: ObjectIdentifier, point: &[u8]) -> Option<Self> {
        let curve = [Curve::P256, Curve::P384]
            .into_iter()
            .find(|known| known.oid() == curve)?;
        curve.has_point(point).then(|| Self {
            curve,
            point: point.to_vec(),
        })
    }

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
