//! The keys that operations are begun with.

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_OBJECT_HANDLE};

use crate::error::{Error, Result};
use crate::object::Content;
use crate::public_key::CertifiedKey;
use crate::token::Token;

/// The private key with this handle, if it may be used for what `usage` (`CKA_SIGN` and so on) says.
///
/// # Errors
/// [`Error::KeyHandle`], [`Error::UserNotLoggedIn`], [`Error::KeyFunction`].
pub fn private(
    token: &Token,
    handle: CK_OBJECT_HANDLE,
    usage: CK_ATTRIBUTE_TYPE,
) -> Result<(AsymmetricKey, CertifiedKey)> {
    let object = token.object(handle).map_err(not_a_key)?;
    match &object.content {
        Content::PrivateKey(reference, key) => {
            if !token.is_logged_in() {
                return Err(Error::UserNotLoggedIn);
            }
            if !object.attributes.flag(usage) {
                return Err(Error::KeyFunction);
            }
            Ok((*reference, key.clone()))
        }
        Content::PublicKey(_) | Content::SecretKey => Err(Error::KeyFunction),
        Content::Certificate(_) | Content::Data(_) | Content::Profile => Err(Error::KeyHandle),
    }
}

/// The public key with this handle, if it may be used for what `usage` says.
///
/// # Errors
/// [`Error::KeyHandle`], [`Error::KeyFunction`].
pub fn public(
    token: &Token,
    handle: CK_OBJECT_HANDLE,
    usage: CK_ATTRIBUTE_TYPE,
) -> Result<CertifiedKey> {
    let object = token.object(handle).map_err(not_a_key)?;
    match &object.content {
        Content::PublicKey(key) if object.attributes.flag(usage) => Ok(key.clone()),
        Content::PublicKey(_) | Content::PrivateKey(..) | Content::SecretKey => {
            Err(Error::KeyFunction)
        }
        Content::Certificate(_) | Content::Data(_) | Content::Profile => Err(Error::KeyHandle),
    }
}

fn not_a_key(error: Error) -> Error {
    match error {
        Error::ObjectHandle => Error::KeyHandle,
        other => other,
    }
}
