//! Searches for objects (PKCS#11 3.0, 5.7.7 to 5.7.9).

use std::collections::VecDeque;

use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::module::Module;
use crate::object::attribute::Wanted;

/// What a search has found and not yet told.
pub struct Search(VecDeque<CK_OBJECT_HANDLE>);

/// Classes of which a card never has an object. NSS looks for them for every certificate of every server:
/// that must not wait for a card.
fn is_elsewhere(template: &[Wanted]) -> bool {
    const HERE: [CK_OBJECT_CLASS; 5] = [
        CKO_CERTIFICATE,
        CKO_PUBLIC_KEY,
        CKO_PRIVATE_KEY,
        CKO_SECRET_KEY,
        CKO_PROFILE,
    ];
    template.iter().any(|wanted| {
        wanted.attribute == CKA_CLASS
            && wanted.number().map_or(true, |class| !HERE.contains(&class))
    })
}

impl Module {
    /// `C_FindObjectsInit`
    ///
    /// # Errors
    /// [`Error::OperationActive`], or any failure of the card where it was not read yet.
    pub fn find_objects_init(&self, session: CK_SESSION_HANDLE, template: &[Wanted]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        if operations.search.is_some() {
            return Err(Error::OperationActive);
        }
        let found = if is_elsewhere(template) {
            VecDeque::new()
        } else {
            session
                .token
                .visible_objects()?
                .iter()
                .filter(|object| object.attributes.match_all(template))
                .map(|object| object.handle)
                .collect()
        };
        operations.search = Some(Search(found));
        Ok(())
    }

    /// `C_FindObjects`: at most `count` handles.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`].
    pub fn find_objects(
        &self,
        session: CK_SESSION_HANDLE,
        count: usize,
    ) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let search = operations
            .search
            .as_mut()
            .ok_or(Error::OperationNotInitialized)?;
        let count = count.min(search.0.len());
        Ok(search.0.drain(..count).collect())
    }

    /// `C_FindObjectsFinal`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`].
    pub fn find_objects_final(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        self.session(session)?
            .operations()
            .search
            .take()
            .map(drop)
            .ok_or(Error::OperationNotInitialized)
    }
}
