//! Templates: the attributes that a caller gives to search for objects, or to make one (PKCS#11 3.0, 4.1).

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Whether a template asks for an object of the token, and not for one of the session (`CKA_TOKEN`, false where it is missing:
/// PKCS#11 3.0, 4.4.1).
///
/// # Errors
/// [`Error::AttributeValue`] where it says neither.
pub fn is_for_token(template: &[TemplateAttribute]) -> Result<bool> {
    let mut found = template
        .iter()
        .filter(|entry| entry.attribute == CKA_TOKEN)
        .map(TemplateAttribute::flag);
    found.try_fold(false, |before, flag| Ok(before || flag?))
}

/// An attribute in a template: its type and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateAttribute {
    /// `CKA_...`
    pub attribute: CK_ATTRIBUTE_TYPE,
    /// The value as the C structure carries it.
    pub value: Zeroizing<Vec<u8>>,
}

impl TemplateAttribute {
    /// The value as `CK_BBOOL`.
    ///
    /// # Errors
    /// [`Error::AttributeValue`] where it is not one.
    pub fn flag(&self) -> Result<bool> {
        match self.value.as_slice() {
            [CK_FALSE] => Ok(false),
            [CK_TRUE] => Ok(true),
            _ => Err(Error::AttributeValue),
        }
    }

    /// The value as `CK_ULONG`.
    ///
    /// # Errors
    /// [`Error::AttributeValue`] where it has another length.
    pub fn number(&self) -> Result<CK_ULONG> {
        self.value
            .as_slice()
            .try_into()
            .map(CK_ULONG::from_ne_bytes)
            .map_err(|_| Error::AttributeValue)
    }
}
