//! Public keys as certificates carry them, and what can be computed with them without a card.

pub mod ec;
pub mod rsa;

use card_edge::piv::KeyAlgorithm;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use cryptoki_sys::*;
use der::Decode;
use spki::SubjectPublicKeyInfoRef;

use self::rsa::RsaKey;
use ec::EcKey;

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

    /// `CKF_EC_...` of a mechanism for such keys.
    #[must_use]
    pub fn mechanism_flags(self) -> CK_FLAGS {
        match self {
            Self::Rsa => 0,
            Self::Ec => CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
        }
    }

    /// The lengths of such keys on PIV cards in bits; RSA keys of 1024 bits are retired ones.
    #[must_use]
    pub fn bits(self) -> (CK_ULONG, CK_ULONG) {
        match self {
            Self::Rsa => (1024, 4096),
            Self::Ec => (256, 384),
        }
    }
}

/// The public key of a certificate, which is of a kind that a PIV card has: a full modulus or a point on its curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertifiedKey {
    /// RSA.
    Rsa(RsaKey),
    /// On a curve.
    Ec(EcKey),
}

impl CertifiedKey {
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
        EcKey::from_point(oid, key).map(Self::Ec)
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
