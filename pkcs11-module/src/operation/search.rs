//! Searches for objects (PKCS#11 3.0, 5.7.7 to 5.7.9).

use std::collections::VecDeque;
use std::sync::Arc;

use card_edge::piv::AsymmetricKey;
use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::object::template::TemplateAttribute;
use crate::object::{self, Object};
use crate::token::Token;
use crate::token::data_objects::Listed;

/// The handles that a search has found and that the caller has not fetched.
pub struct Search(VecDeque<CK_OBJECT_HANDLE>);

/// The class that a template asks for, if it asks for one; an error where it cannot be one.
fn class(template: &[TemplateAttribute]) -> Result<Option<CK_OBJECT_CLASS>> {
    template
        .iter()
        .find(|entry| entry.attribute == CKA_CLASS)
        .map(TemplateAttribute::number)
        .transpose()
}

/// The key of the slot that a template names by CKA_ID.
fn named_key(template: &[TemplateAttribute]) -> Option<AsymmetricKey> {
    let id = template.iter().find(|entry| entry.attribute == CKA_ID)?;
    object::key_with_id(&id.value)
}

/// The objects that can match a template. Of classes that a card never has there are none: NSS looks for them for every
/// certificate of every server, and that must not wait for a card. Nor must a search for data objects, for which nothing is read
/// but what a card has announced.
fn candidates(token: &Token, template: &[TemplateAttribute]) -> Result<Vec<Arc<Object>>> {
    match class(template) {
        Ok(None) => {
            let mut objects = token.visible_objects()?;
            objects.extend(token.data_objects(Listed::Known));
            Ok(objects)
        }
        Ok(Some(class @ (CKO_PUBLIC_KEY | CKO_PRIVATE_KEY))) => {
            if let Some(key) = named_key(template)
                && (class == CKO_PUBLIC_KEY || token.shows_private_objects())
            {
                token.look_for_key(key)?;
            }
            token.visible_objects()
        }
        Ok(Some(CKO_CERTIFICATE | CKO_SECRET_KEY | CKO_PROFILE)) => token.visible_objects(),
        Ok(Some(CKO_DATA)) => {
            token.read_announced()?;
            Ok(token.data_objects(Listed::Possible))
        }
        Ok(Some(_)) | Err(_) => Ok(Vec::new()),
    }
}

impl Search {
    /// `C_FindObjectsInit`
    ///
    /// # Errors
    /// Any failure of the card where it was not read yet.
    pub fn begin(token: &Token, template: &[TemplateAttribute]) -> Result<Self> {
        Ok(Self(
            candidates(token, template)?
                .iter()
                .filter(|object| object.attributes.match_all(template))
                .map(|object| object.handle)
                .collect(),
        ))
    }

    /// The next handles, at most `count`.
    fn next(&mut self, count: usize) -> Vec<CK_OBJECT_HANDLE> {
        let count = count.min(self.0.len());
        self.0.drain(..count).collect()
    }
}

/// `C_FindObjects`: at most `count` handles.
///
/// # Errors
/// [`Error::OperationNotInitialized`].
pub fn fetch(search: &mut Option<Search>, count: usize) -> Result<Vec<CK_OBJECT_HANDLE>> {
    search
        .as_mut()
        .map(|search| search.next(count))
        .ok_or(Error::OperationNotInitialized)
}
