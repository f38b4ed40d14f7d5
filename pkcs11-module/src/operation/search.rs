//! Searches for objects (PKCS#11 3.0, 5.7.7 to 5.7.9).

use std::collections::VecDeque;

use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::object::template::TemplateAttribute;
use crate::token::Token;

/// The handles that a search has found and that the caller has not fetched.
pub struct Search(VecDeque<CK_OBJECT_HANDLE>);

/// Whether a template asks for a class of which a card never has an object. NSS looks for them for every
/// certificate of every server: that must not wait for a card.
fn is_elsewhere(template: &[TemplateAttribute]) -> bool {
    const HERE: [CK_OBJECT_CLASS; 5] = [
        CKO_CERTIFICATE,
        CKO_PUBLIC_KEY,
        CKO_PRIVATE_KEY,
        CKO_SECRET_KEY,
        CKO_PROFILE,
    ];
    template.iter().any(|entry| {
        entry.attribute == CKA_CLASS && entry.number().map_or(true, |class| !HERE.contains(&class))
    })
}

impl Search {
    /// `C_FindObjectsInit`
    ///
    /// # Errors
    /// Any failure of the card where it was not read yet.
    pub fn begin(token: &Token, template: &[TemplateAttribute]) -> Result<Self> {
        if is_elsewhere(template) {
            return Ok(Self(VecDeque::new()));
        }
        Ok(Self(
            token
                .visible_objects()?
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
