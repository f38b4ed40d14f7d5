//! What a type of key is in a certificate or a request: how its public key is written, and how it signs.

use card_edge::piv::extensions::HashAlgorithm;
use card_edge::piv::{Curve, KeyAlgorithm, KeyKind, PublicKey};
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, SHA_256_WITH_RSA_ENCRYPTION};
use const_oid::db::rfc8410::{ID_ED_25519, ID_X_25519};
use der::asn1::{BitString, Null};
use der::{Any, Decode};
use rsa::BoxedUint;
use sha2::{Digest, Sha256, Sha384};
use spki::{AlgorithmIdentifierOwned, EncodePublicKey, SubjectPublicKeyInfoOwned};

use super::error::SigningError;
use crate::key_store::{Authorisation, KeyStoreError, PrivateKey};
use crate::padding;

/// The SubjectPublicKeyInfo of a public key (RFC 5280, 4.1.2.7).
///
/// # Errors
/// [`spki::Error::KeyMalformed`] where it is not a key of a kind that this card has.
pub(crate) fn public_key_info(
    algorithm: KeyAlgorithm,
    key: &PublicKey,
) -> Result<SubjectPublicKeyInfoOwned, spki::Error> {
    let document = match key {
        PublicKey::Rsa { modulus, exponent } => rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
        )
        .map_err(|_| spki::Error::KeyMalformed)?
        .to_public_key_der()?,
        PublicKey::Ecc {
            curve: Curve::P256,
            point,
        } => p256::PublicKey::from_sec1_bytes(point)
            .map_err(|_| spki::Error::KeyMalformed)?
            .to_public_key_der()?,
        PublicKey::Ecc {
            curve: Curve::P384,
            point,
        } => p384::PublicKey::from_sec1_bytes(point)
            .map_err(|_| spki::Error::KeyMalformed)?
            .to_public_key_der()?,
        PublicKey::Curve25519 { key } => {
            let oid = match algorithm.kind() {
                KeyKind::Ed25519 => ID_ED_25519,
                KeyKind::X25519 => ID_X_25519,
                KeyKind::Rsa { .. } | KeyKind::Ecc(_) => return Err(spki::Error::KeyMalformed),
            };
            return Ok(SubjectPublicKeyInfoOwned {
                algorithm: AlgorithmIdentifierOwned {
                    oid,
                    parameters: None,
                },
                subject_public_key: BitString::from_bytes(key)?,
            });
        }
    };
    Ok(SubjectPublicKeyInfoOwned::from_der(document.as_bytes())?)
}

/// The algorithm by which each type of key signs: for those that the enrollment protocol knows, the one of
/// docs/enrollment-protocol.md.
///
/// # Errors
/// [`KeyStoreError::Unsupported`] where the key does not sign.
pub(crate) fn signature_algorithm(
    algorithm: KeyAlgorithm,
) -> Result<AlgorithmIdentifierOwned, SigningError> {
    let (oid, parameters) = match algorithm.kind() {
        KeyKind::Rsa { .. } => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::encode_from(&Null)?)),
        KeyKind::Ecc(Curve::P256) => (ECDSA_WITH_SHA_256, None),
        KeyKind::Ecc(Curve::P384) => (ECDSA_WITH_SHA_384, None),
        KeyKind::Ed25519 => (ID_ED_25519, None),
        KeyKind::X25519 => return Err(KeyStoreError::Unsupported.into()),
    };
    Ok(AlgorithmIdentifierOwned { oid, parameters })
}

/// Signs a message by that algorithm.
///
/// # Errors
/// [`SigningError`].
pub(crate) fn sign(
    algorithm: KeyAlgorithm,
    key: &dyn PrivateKey,
    message: &[u8],
) -> Result<Vec<u8>, SigningError> {
    let by_holder = Authorisation::by_holder();
    Ok(match algorithm.kind() {
        KeyKind::Rsa { modulus } => {
            let hash = Sha256::digest(message);
            let block = padding::pkcs1(HashAlgorithm::Sha256, &hash, modulus)?;
            key.apply_rsa(by_holder, &block)?.to_vec()
        }
        KeyKind::Ecc(Curve::P256) => key.sign_hash(by_holder, &Sha256::digest(message))?,
        KeyKind::Ecc(Curve::P384) => key.sign_hash(by_holder, &Sha384::digest(message))?,
        KeyKind::Ed25519 => key.sign_message(by_holder, message)?,
        KeyKind::X25519 => return Err(KeyStoreError::Unsupported.into()),
    })
}
