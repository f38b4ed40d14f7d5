//! Keys of Ed25519 and X25519: 32 secret bytes each, kept as PKCS#8 (RFC 8410, 7).
//!
//! ```text
//! PrivateKeyInfo { 0, AlgorithmIdentifier { 1.3.101.110 or .112 }, OCTET STRING { OCTET STRING { secret } } }
//! ```

use card_edge::piv::CURVE_25519_LENGTH;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc8410::{ID_ED_25519, ID_X_25519};
use der::Decode;
use der::asn1::OctetStringRef;
use pkcs8::{PrivateKeyInfoRef, SecretDocument};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::key_store::store::KeyStoreError;

/// The algorithm of an Ed25519 key.
pub(super) const ED25519: ObjectIdentifier = ID_ED_25519;
/// The algorithm of an X25519 key.
pub(super) const X25519: ObjectIdentifier = ID_X_25519;

/// A private key.
pub(super) type Secret = [u8; CURVE_25519_LENGTH];

/// A new private key: any 32 bytes are one.
pub(super) fn generate() -> Result<Zeroizing<Secret>, KeyStoreError> {
    let mut secret = Zeroizing::new([0; CURVE_25519_LENGTH]);
    getrandom::fill(secret.as_mut()).map_err(|_| KeyStoreError::Failed)?;
    Ok(secret)
}

/// A private key from outside.
pub(super) fn secret(bytes: &[u8]) -> Result<Zeroizing<Secret>, KeyStoreError> {
    bytes
        .try_into()
        .map(Zeroizing::new)
        .map_err(|_| KeyStoreError::InvalidInput)
}

/// The private key as PKCS#8.
pub(super) fn write(
    algorithm: ObjectIdentifier,
    secret: &Secret,
) -> Result<SecretDocument, pkcs8::Error> {
    let inner = Zeroizing::new(der::Encode::to_der(&OctetStringRef::new(secret)?)?);
    let info = PrivateKeyInfoRef::new(
        AlgorithmIdentifierRef {
            oid: algorithm,
            parameters: None,
        },
        OctetStringRef::new(&inner)?,
    );
    SecretDocument::try_from(info)
}

/// The private key that PKCS#8 holds.
pub(super) fn read(
    algorithm: ObjectIdentifier,
    der: &[u8],
) -> Result<Zeroizing<Secret>, KeyStoreError> {
    let failed = |_| KeyStoreError::Failed;
    let info = PrivateKeyInfoRef::from_der(der).map_err(failed)?;
    if info.algorithm.oid != algorithm {
        return Err(KeyStoreError::Failed);
    }
    let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(failed)?;
    secret(inner.as_bytes()).map_err(|_| KeyStoreError::Failed)
}

/// X25519 (RFC 7748, 6.1). A point that makes the shared secret zero whatever the key is, is refused.
pub(super) fn agree(
    key: &x25519_dalek::StaticSecret,
    point: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let peer: [u8; CURVE_25519_LENGTH] =
        point.try_into().map_err(|_| KeyStoreError::InvalidInput)?;
    let shared = key.diffie_hellman(&x25519_dalek::PublicKey::from(peer));
    if shared.was_contributory() {
        Ok(Zeroizing::new(shared.as_bytes().to_vec()))
    } else {
        Err(KeyStoreError::InvalidInput)
    }
}
