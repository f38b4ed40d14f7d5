//! An object as the module has it.

use card_edge::piv::{AsymmetricKey, ObjectId};
use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_PRIVATE};

use super::attribute::Attributes;
use crate::public_key::CertifiedKey;

/// What an object is to the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A profile that the token follows.
    Profile,
    /// The certificate of a key.
    Certificate(AsymmetricKey),
    /// A data object.
    Data(ObjectId),
    /// A public key.
    PublicKey(CertifiedKey),
    /// A private key on the card; the public half says its type and length.
    PrivateKey(AsymmetricKey, CertifiedKey),
    /// A secret key that was derived in this process.
    SecretKey,
}

/// An object with its attributes.
#[derive(Clone, Debug)]
pub struct Object {
    /// Unique for the card; the same in every session and for as long as the process lives.
    pub handle: CK_OBJECT_HANDLE,
    /// What it is.
    pub content: Content,
    /// What `C_GetAttributeValue` and searches see.
    pub attributes: Attributes,
}

impl Object {
    /// Whether it is hidden until the user has logged in.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.attributes.flag(CKA_PRIVATE)
    }
}
