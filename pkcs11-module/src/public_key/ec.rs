//! Public keys on curves.

use card_edge::piv::Curve;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use p256::NistP256;
use p384::NistP384;
use signature::hazmat::PrehashVerifier;

/// The object identifier of a curve.
#[must_use]
pub fn oid(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => NistP256::OID,
        Curve::P384 => NistP384::OID,
    }
}

/// Whether these bytes are an uncompressed point `04 X Y` on the curve.
#[must_use]
pub fn is_point(curve: Curve, point: &[u8]) -> bool {
    point.first() == Some(&0x04)
        && match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
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
        let curve = Curve::ALL.into_iter().find(|known| oid(*known) == curve)?;
        is_point(curve, point).then(|| Self {
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
        assert!(!is_point(Curve::P256, &[4; 65]));
        assert!(!is_point(Curve::P256, &[]));
    }
}
