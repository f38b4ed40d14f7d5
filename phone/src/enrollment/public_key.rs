//! Public keys as certificates and certification requests carry them.

use card_edge::piv::{Curve, PublicKey};
use der::Decode;
use rsa::BoxedUint;
use spki::{EncodePublicKey, SubjectPublicKeyInfoOwned};

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
