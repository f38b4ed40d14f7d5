//! Public keys as certificates carry them, and what can be computed with them without a card.

pub mod curve25519;
pub mod ec;
mod information;
pub mod rsa;

use card_edge::piv::KeyAlgorithm;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use cryptoki_sys::*;

use self::rsa::RsaKey;
use crate::ber::{BIT_STRING, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use curve25519::{EdwardsKey, MontgomeryKey};
use ec::EcKey;

/// The type of a key, as mechanisms are chosen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// On one of the NIST's curves.
    Ec,
    /// Ed25519.
    Edwards,
    /// X25519.
    Montgomery,
}

impl KeyType {
    /// `CKK_...`
    #[must_use]
    pub fn number(self) -> CK_KEY_TYPE {
        match self {
            Self::Rsa => CKK_RSA,
            Self::Ec => CKK_EC,
            Self::Edwards => CKK_EC_EDWARDS,
            Self::Montgomery => CKK_EC_MONTGOMERY,
        }
    }

    /// `CKF_EC_...` of a mechanism for such keys.
    #[must_use]
    pub fn mechanism_flags(self) -> CK_FLAGS {
        match self {
            Self::Rsa => 0,
            Self::Ec => CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
            Self::Edwards | Self::Montgomery => CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_CURVENAME,
        }
    }

    /// The lengths of such keys on PIV cards in bits; RSA keys of 1024 bits are retired ones.
    #[must_use]
    pub fn bits(self) -> (CK_ULONG, CK_ULONG) {
        match self {
            Self::Rsa => (1024, 4096),
            Self::Ec => (256, 384),
            // The curve has 255; some programs count whole bytes.
            Self::Edwards | Self::Montgomery => (255, 256),
        }
    }
}

/// The public key of a certificate, which is of a kind that a PIV card has: a full modulus or a point on its curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertifiedKey {
    /// RSA.
    Rsa(RsaKey),
    /// On one of the NIST's curves.
    Ec(EcKey),
    /// Ed25519.
    Edwards(EdwardsKey),
    /// X25519.
    Montgomery(MontgomeryKey),
}

impl CertifiedKey {
    /// The key in a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); `None` where it is of another type,
    /// length or curve than PIV cards have, or malformed.
    #[must_use]
    pub fn from_spki(info: &[u8]) -> Option<Self> {
        let info = Reader::new(info).expect(SEQUENCE, "public key").ok()?;
        let mut info = Reader::new(info.content);
        let mut algorithm = Reader::new(info.expect(SEQUENCE, "algorithm").ok()?.content);
        let bits = info.expect(BIT_STRING, "public key").ok()?.content;
        let [0, key @ ..] = bits else { return None };
        let family = identifier(&mut algorithm)?;
        if family == rfc5912::RSA_ENCRYPTION {
            return RsaKey::from_pkcs1(key).map(Self::Rsa);
        }
        if family == curve25519::EDWARDS {
            return EdwardsKey::from_bytes(key).map(Self::Edwards);
        }
        if family == curve25519::MONTGOMERY {
            return MontgomeryKey::from_bytes(key).map(Self::Montgomery);
        }
        if family != rfc5912::ID_EC_PUBLIC_KEY {
            return None;
        }
        EcKey::from_point(identifier(&mut algorithm)?, key).map(Self::Ec)
    }

    /// Its type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa(_) => KeyType::Rsa,
            Self::Ec(_) => KeyType::Ec,
            Self::Edwards(_) => KeyType::Edwards,
            Self::Montgomery(_) => KeyType::Montgomery,
        }
    }

    /// The algorithm that the card knows for this key.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Rsa(key) => key.algorithm,
            Self::Ec(key) => key.curve.algorithm(),
            Self::Edwards(_) => KeyAlgorithm::Ed25519,
            Self::Montgomery(_) => KeyAlgorithm::X25519,
        }
    }
}

fn identifier(elements: &mut Reader<'_>) -> Option<ObjectIdentifier> {
    let element = elements.expect(OBJECT_IDENTIFIER, "identifier").ok()?;
    ObjectIdentifier::from_bytes(element.content).ok()
}
