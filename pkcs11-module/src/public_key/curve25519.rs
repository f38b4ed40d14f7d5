//! Public keys on curve25519: Ed25519 and X25519 (RFC 8410; PKCS#11 3.0 mechanisms, 2.3.5 and following).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc8410;
use der::Encode;
use der::asn1::{OctetStringRef, PrintableStringRef};
use ed25519_dalek::{Signature, VerifyingKey};

/// The length of such a key in bytes.
pub const LENGTH: usize = card_edge::piv::CURVE_25519_LENGTH;

/// A public key of Ed25519: an encoded point (RFC 8032, 5.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdwardsKey(pub [u8; LENGTH]);

/// A public key of X25519: a u-coordinate (RFC 7748, 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MontgomeryKey(pub [u8; LENGTH]);

/// The object identifier of Ed25519.
pub const EDWARDS: ObjectIdentifier = rfc8410::ID_ED_25519;
/// The object identifier of X25519.
pub const MONTGOMERY: ObjectIdentifier = rfc8410::ID_X_25519;

/// What a curve is called.
struct Names {
    /// Its identifier here.
    own: ObjectIdentifier,
    /// The identifier by which programs knew it before RFC 8410.
    former: ObjectIdentifier,
    /// The name that PKCS#11 gives it.
    name: &'static str,
}

const CURVES: [Names; 2] = [
    Names {
        own: EDWARDS,
        former: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.15.1"),
        name: "edwards25519",
    },
    Names {
        own: MONTGOMERY,
        former: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3029.1.5.1"),
        name: "curve25519",
    },
];

/// Whether `parameters` are another name of the curve whose identifier is `own`, both as CKA_EC_PARAMS has them: programs look
/// for keys by any.
#[must_use]
pub fn is_name_of(parameters: &[u8], own: &[u8]) -> bool {
    let is = |name: der::Result<Vec<u8>>, known: &[u8]| name.is_ok_and(|name| name == known);
    CURVES.iter().any(|curve| {
        let name = PrintableStringRef::new(curve.name).and_then(|name| name.to_der());
        is(curve.own.to_der(), own)
            && (is(name, parameters) || is(curve.former.to_der(), parameters))
    })
}

/// Whether these are the parameters of the curve with this identifier: that, or another name.
#[must_use]
pub fn are_parameters_of(parameters: &[u8], curve: ObjectIdentifier) -> bool {
    curve
        .to_der()
        .is_ok_and(|own| own == parameters || is_name_of(parameters, &own))
}

/// A key as a DER OCTET STRING, as CKA_EC_POINT has it.
#[must_use]
pub fn wrapped(key: &[u8; LENGTH]) -> Vec<u8> {
    OctetStringRef::new(key)
        .and_then(|key| key.to_der())
        .unwrap_or_default()
}

impl EdwardsKey {
    /// The key of these bytes; `None` where they are not a point of the curve.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = bytes.try_into().ok()?;
        VerifyingKey::from_bytes(&key).ok().map(|_| Self(key))
    }

    /// Whether this is a signature over the message.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
        })
    }
}

impl MontgomeryKey {
    /// The key of these bytes; `None` where there are not as many.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_known_by_identifier_and_by_name() {
        let name = b"\x13\x0cedwards25519";
        assert!(are_parameters_of(name, EDWARDS));
        assert!(are_parameters_of(&[0x06, 3, 0x2B, 0x65, 0x70], EDWARDS));
        let former = b"\x06\x09\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01";
        assert!(are_parameters_of(former, EDWARDS));
        assert!(are_parameters_of(b"\x13\x0acurve25519", MONTGOMERY));
        let former = b"\x06\x0A\x2B\x06\x01\x04\x01\x97\x55\x01\x05\x01";
        assert!(are_parameters_of(former, MONTGOMERY));
        assert!(!are_parameters_of(name, MONTGOMERY));
        assert!(!are_parameters_of(b"", EDWARDS));
    }

    #[test]
    fn the_first_vector_of_rfc_8032() {
        // RFC 8032, 7.1, test 2: one byte.
        let key = data_encoding::HEXLOWER
            .decode(b"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
            .unwrap();
        let signature = data_encoding::HEXLOWER
            .decode(
                b"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                  085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            )
            .unwrap();
        let key = EdwardsKey::from_bytes(&key).unwrap();
        assert!(key.verify(&[0x72], &signature));
        assert!(!key.verify(&[0x73], &signature));
        assert!(!key.verify(&[0x72], &signature[1..]));
    }
}
