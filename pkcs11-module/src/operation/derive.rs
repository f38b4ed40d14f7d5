//! Key agreement (PKCS#11 3.0, 5.18.5; mechanisms 2.3.17): ECDH on the card, the secret, or what is derived from it, as a session object.

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DERIVE};

use super::key;
use crate::error::{Error, Result};
use crate::mechanism::Mechanism;
use crate::object::secret::SecretKeyTemplate;
use crate::object::template::TemplateAttribute;
use crate::public_key::{CertifiedKey, curve25519};
use crate::token::Token;

/// `C_DeriveKey`: the handle of the new key, which lives as long as the session.
///
/// # Errors
/// [`Error::Mechanism`], [`Error::MechanismParameter`], [`Error::KeyHandle`], [`Error::KeyFunction`],
/// [`Error::KeyType`], what is wrong with the template, or any failure of the card.
pub fn derive(
    token: &Token,
    session: CK_SESSION_HANDLE,
    mechanism: Mechanism,
    base_key: CK_OBJECT_HANDLE,
    template: &[TemplateAttribute],
) -> Result<CK_OBJECT_HANDLE> {
    let (reference, key) = key::private(token, base_key, CKA_DERIVE)?;
    let ecdh = mechanism.agreement()?;
    let length = match &key {
        CertifiedKey::Ec(key) => key.curve.field_length(),
        CertifiedKey::Montgomery(_) => curve25519::LENGTH,
        CertifiedKey::Rsa(_) | CertifiedKey::Edwards(_) => return Err(Error::KeyType),
    };
    let template = SecretKeyTemplate::read(template)?;
    let secret = token.agree(reference, key.algorithm(), ecdh.point(&key)?)?;
    if secret.len() != length {
        return Err(Error::Device(
            "the card's shared secret has a wrong length".into(),
        ));
    }
    // A point of small order, with which nothing is secret (RFC 7748, 6.1).
    if secret.iter().all(|byte| *byte == 0) {
        return Err(Error::MechanismParameter);
    }
    let derived = ecdh.derive(secret, template.length())?;
    token.add_secret_key(session, template, &derived)
}
