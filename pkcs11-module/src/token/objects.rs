//! The objects of a card and of its sessions.

use std::sync::Arc;

use card_edge::piv::history::KeyHistory;
use card_edge::piv::object::ObjectId;
use card_edge::piv::{AsymmetricKey, RetiredNumber};
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DESTROYABLE};

use super::{Line, Token, lock};
use crate::card::{Client, ClientError, Repeat, read_certificate};
use crate::error::{Error, Result};
use crate::object::{self, Object};

impl Token {
    /// The objects of the card, read once for as long as the process lives.
    ///
    /// # Errors
    /// Any failure of the card.
    pub fn objects(&self) -> Result<Arc<Vec<Arc<Object>>>> {
        if let Some(objects) = lock(&self.objects).clone() {
            return Ok(objects);
        }
        let mut line = lock(&self.line);
        if let Some(objects) = lock(&self.objects).clone() {
            return Ok(objects);
        }
        let mut certificates = self.read_certificates(&mut line)?;
        if certificates.is_empty() {
            // Another program may have selected another application, which answers just the same.
            line.card.select_again();
            certificates = self.read_certificates(&mut line)?;
        }
        let first = lock(&self.first_certificate).clone();
        certificates.splice(
            0..0,
            first.map(|der| (AsymmetricKey::PivAuthentication, der)),
        );
        let objects = object::from_certificates(self.number, &certificates);
        let objects = Arc::new(objects.into_iter().map(Arc::new).collect::<Vec<_>>());
        *lock(&self.objects) = Some(Arc::clone(&objects));
        Ok(objects)
    }

    /// Reads all certificates but the first, which the label was made of. This is the one place where public
    /// objects come from the card.
    fn read_certificates(&self, line: &mut Line) -> Result<Vec<(AsymmetricKey, Vec<u8>)>> {
        self.sequence_on(line, None, Repeat::Allowed, &mut |client| {
            let mut certificates = Vec::new();
            let main = AsymmetricKey::MAIN.into_iter().skip(1);
            for slot in main.chain(retired_slots(client)?) {
                if let Some(der) = read_certificate(client, slot)? {
                    certificates.push((slot, der));
                }
            }
            Ok(certificates)
        })
    }

    /// The objects of the card and of its sessions that can be seen now.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn visible_objects(&self) -> Result<Vec<Arc<Object>>> {
        let logged_in = self.is_logged_in();
        let card = self.objects()?;
        let session = lock(&self.session_objects);
        let session = session.values().map(|(_, object)| object);
        Ok(card
            .iter()
            .chain(session)
            .filter(|object| logged_in || !object.is_private())
            .cloned()
            .collect())
    }

    /// The object with this handle, whether or not it can be seen now.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], or as [`Self::objects`].
    pub fn object(&self, handle: CK_OBJECT_HANDLE) -> Result<Arc<Object>> {
        if handle >= object::FIRST_SESSION_HANDLE {
            return lock(&self.session_objects)
                .get(&handle)
                .map(|(_, object)| Arc::clone(object))
                .ok_or(Error::ObjectHandle);
        }
        self.objects()?
            .iter()
            .find(|object| object.handle == handle)
            .cloned()
            .ok_or(Error::ObjectHandle)
    }

    /// Adds an object that lives as long as the session.
    pub fn add_session_object(&self, session: CK_SESSION_HANDLE, object: Object) {
        lock(&self.session_objects).insert(object.handle, (session, Arc::new(object)));
    }

    /// Removes a session's object.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], [`Error::ActionProhibited`] for an object of the card.
    pub fn destroy_object(&self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        if !self.object(handle)?.attributes.flag(CKA_DESTROYABLE) {
            return Err(Error::ActionProhibited);
        }
        lock(&self.session_objects)
            .remove(&handle)
            .map(drop)
            .ok_or(Error::ObjectHandle)
    }

    /// Removes all objects of a session that was closed.
    pub fn destroy_objects_of(&self, session: CK_SESSION_HANDLE) {
        lock(&self.session_objects).retain(|_, (owner, _)| *owner != session);
    }
}

/// The slots of retired keys whose certificates are on the card: one command tells how many.
fn retired_slots(client: &mut Client<'_>) -> core::result::Result<Vec<AsymmetricKey>, ClientError> {
    let content = match client.get_data(ObjectId::KeyHistory) {
        Err(error @ ClientError::Exchange(_)) => return Err(error),
        other => other.ok().flatten(),
    };
    let on_card = content
        .and_then(|content| KeyHistory::decode(&content).ok())
        .map_or(0, |history| history.on_card);
    Ok((1..=on_card)
        .filter_map(RetiredNumber::new)
        .map(AsymmetricKey::RetiredKeyManagement)
        .collect())
}
