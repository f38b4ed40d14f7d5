//! Templates: the attributes that a caller gives to search for objects, or to make one (PKCS#11 3.0, 4.1).

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

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
