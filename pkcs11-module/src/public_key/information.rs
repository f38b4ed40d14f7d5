//! Public keys as SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), and those that a card answers.

use card_edge::piv::{KeyAlgorithm, PublicKey};
use const_oid::db::rfc5912;
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Encode, Tag};
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::CertifiedKey;
use super::curve25519::{self, EdwardsKey, MontgomeryKey};
use super::ec::{self, EcKey};
use super::rsa::RsaKey;

impl CertifiedKey {
    /// The key that a card has made; `None` where it is of a kind that this module does not use, or cannot be one.
    #[must_use]
    pub fn of_card(key: &PublicKey, algorithm: Option<KeyAlgorithm>) -> Option<Self> {
        match key {
            PublicKey::Rsa { modulus, exponent } => {
                RsaKey::from_pkcs1(&pkcs1(modulus, exponent).ok()?).map(Self::Rsa)
            }
            PublicKey::Ecc { curve, point } => {
                EcKey::from_point(ec::oid(*curve), point).map(Self::Ec)
            }
            PublicKey::Curve25519 { key } => match algorithm {
                Some(KeyAlgorithm::Ed25519) => EdwardsKey::from_bytes(key).map(Self::Edwards),
                Some(KeyAlgorithm::X25519) => MontgomeryKey::from_bytes(key).map(Self::Montgomery),
                Some(
                    KeyAlgorithm::Rsa1024
                    | KeyAlgorithm::Rsa2048
                    | KeyAlgorithm::Rsa3072
                    | KeyAlgorithm::Rsa4096
                    | KeyAlgorithm::P256
                    | KeyAlgorithm::P384,
                )
                | None => None,
            },
        }
    }

    /// The key as DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`der::Error`] never for a key of this type.
    pub fn to_spki(&self) -> der::Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => information(
                rfc5912::RSA_ENCRYPTION,
                Some(AnyRef::NULL),
                &pkcs1(&key.modulus, &key.exponent)?,
            ),
            Self::Ec(key) => {
                let curve = ec::oid(key.curve);
                let parameters = Some(AnyRef::from(&curve));
                information(rfc5912::ID_EC_PUBLIC_KEY, parameters, &key.point)
            }
            Self::Edwards(key) => information(curve25519::EDWARDS, None, &key.0),
            Self::Montgomery(key) => information(curve25519::MONTGOMERY, None, &key.0),
        }
    }
}

fn information(
    oid: const_oid::ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> der::Result<Vec<u8>> {
    SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key)?,
    }
    .to_der()
}

/// A DER RSAPublicKey (RFC 8017, A.1.1).
fn pkcs1(modulus: &[u8], exponent: &[u8]) -> der::Result<Vec<u8>> {
    let mut numbers = UintRef::new(modulus)?.to_der()?;
    numbers.extend(UintRef::new(exponent)?.to_der()?);
    AnyRef::new(Tag::Sequence, &numbers)?.to_der()
}
