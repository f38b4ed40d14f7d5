//! What a type of key is in a certification request: how its public key is written, and how it signs.

use card_edge::piv::{Curve, KeyAlgorithm, KeyKind, PublicKey};
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_SHA_256, SHA_256_WITH_RSA_ENCRYPTION,
};
use der::asn1::{Null, OctetString};
use der::{Any, Decode, Encode, Sequence};
use rsa::BoxedUint;
use sha2::{Digest, Sha256, Sha384};
use spki::{AlgorithmIdentifierOwned, EncodePublicKey, SubjectPublicKeyInfoOwned};

use super::csr_error::CsrError;
use crate::key_store::{Authorisation, PrivateKey};

/// The SubjectPublicKeyInfo of a public key (RFC 5280, 4.1.2.7).
///
/// # Errors
/// [`spki::Error::KeyMalformed`] where it is not a key of a kind that this card has.
pub(super) fn public_key_info(key: &PublicKey) -> Result<SubjectPublicKeyInfoOwned, spki::Error> {
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
    };
    Ok(SubjectPublicKeyInfoOwned::from_der(document.as_bytes())?)
}

/// Signs a message: the algorithm for each type of key is the protocol's (docs/enrollment-protocol.md).
///
/// # Errors
/// [`CsrError`].
pub(super) fn sign(
    algorithm: KeyAlgorithm,
    key: &dyn PrivateKey,
    message: &[u8],
) -> Result<(AlgorithmIdentifierOwned, Vec<u8>), CsrError> {
    let by_holder = Authorisation::by_holder();
    let (oid, parameters, signature) = match algorithm.kind() {
        KeyKind::Rsa { modulus } => {
            let block = emsa_pkcs1_v1_5(&Sha256::digest(message), modulus)?;
            let signature = key.apply_rsa(by_holder, &block)?.to_vec();
            let null = Any::encode_from(&Null)?;
            (SHA_256_WITH_RSA_ENCRYPTION, Some(null), signature)
        }
        KeyKind::Ecc(Curve::P256) => {
            let signature = key.sign_hash(by_holder, &Sha256::digest(message))?;
            (ECDSA_WITH_SHA_256, None, signature)
        }
        KeyKind::Ecc(Curve::P384) => {
            let signature = key.sign_hash(by_holder, &Sha384::digest(message))?;
            (ECDSA_WITH_SHA_384, None, signature)
        }
    };
    Ok((AlgorithmIdentifierOwned { oid, parameters }, signature))
}

/// `DigestInfo` (RFC 8017, appendix A.2.4).
#[derive(Sequence)]
struct DigestInfo {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// A SHA-256 hash as a block for RSASSA-PKCS1-v1_5 (RFC 8017, 9.2): 00 01, FF to fill, 00, DigestInfo. The key store
/// applies raw RSA only, as the card edge does.
fn emsa_pkcs1_v1_5(hash: &[u8], length: usize) -> Result<Vec<u8>, CsrError> {
    let info = DigestInfo {
        algorithm: AlgorithmIdentifierOwned {
            oid: ID_SHA_256,
            parameters: Some(Any::encode_from(&Null)?),
        },
        digest: OctetString::new(hash)?,
    }
    .to_der()?;
    let mut block = vec![0x00, 0x01];
    block.resize(length.saturating_sub(info.len() + 1), 0xFF);
    block.push(0x00);
    block.extend(info);
    Ok(block)
}
