//! The objects of a card and of its sessions.

use std::sync::Arc;

use card_edge::piv::AsymmetricKey;
use card_edge::piv::RetiredNumber;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::object::ObjectId;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DESTROYABLE};

use super::Token;
use super::connection::Connection;
use super::known::SessionObject;
use crate::card::client::{Client, ClientError, read_certificate};
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::object::secret::{self, SecretKeyTemplate};
use crate::object::{self, Object};

impl Token {
    /// The objects of the card, read once for as long as the process lives.
    ///
    /// # Errors
    /// Any failure of the card.
    pub fn objects(&self) -> Result<Arc<Vec<Arc<Object>>>> {
        if let Some(objects) = self.known().objects.clone() {
            return Ok(objects);
        }
        self.read_objects(&mut self.connection())
    }

    /// The same over a connection that the caller holds.
    pub(super) fn read_objects(
        &self,
        connection: &mut Connection,
    ) -> Result<Arc<Vec<Arc<Object>>>> {
        // Another thread may have read them in the meantime.
        if let Some(objects) = self.known().objects.clone() {
            return Ok(objects);
        }
        let mut certificates = self.read_certificates(connection)?;
        if certificates.is_empty() {
            // Another program may have selected another application, which answers just the same.
            connection.card.select_again();
            certificates = self.read_certificates(connection)?;
        }
        let mut known = self.known();
        let first = known.first_certificate.clone();
        certificates.splice(
            0..0,
            first.map(|der| (AsymmetricKey::PivAuthentication, der)),
        );
        let objects = object::from_certificates(self.number, &certificates);
        let objects = Arc::new(objects.into_iter().map(Arc::new).collect::<Vec<_>>());
        known.objects = Some(Arc::clone(&objects));
        Ok(objects)
    }

    /// Reads all certificates but the first, which the label was made of. This is the one place where public
    /// objects come from the card.
    fn read_certificates(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(AsymmetricKey, Vec<u8>)>> {
        self.sequence(connection, None, Repeat::Allowed, |client| {
            let mut certificates = Vec::new();
            let main = AsymmetricKey::MAIN.into_iter().skip(1);
            for key in main.chain(retired_keys(client)?) {
                if let Some(der) = read_certificate(client, key)? {
                    certificates.push((key, der));
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
        let known = self.known();
        let session = known.session_objects.values().map(|entry| &entry.object);
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
            return self
                .known()
                .session_objects
                .get(&handle)
                .map(|entry| Arc::clone(&entry.object))
                .ok_or(Error::ObjectHandle);
        }
        self.objects()?
            .iter()
            .find(|object| object.handle == handle)
            .cloned()
            .ok_or(Error::ObjectHandle)
    }

    /// Adds a secret key that lives as long as the session, and gives its handle.
    ///
    /// # Errors
    /// [`Error::SessionHandle`] where the session has been closed, or as [`secret::secret_key`].
    pub fn add_secret_key(
        &self,
        session: CK_SESSION_HANDLE,
        template: SecretKeyTemplate,
        secret: &[u8],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut known = self.known();
        if !known.sessions.contains(&session) {
            return Err(Error::SessionHandle);
        }
        let handle = object::FIRST_SESSION_HANDLE + known.session_objects_made;
        let object = Arc::new(secret::secret_key(handle, template, secret)?);
        known.session_objects_made += 1;
        known.session_objects.insert(
            handle,
            SessionObject {
                owner: session,
                object,
            },
        );
        Ok(handle)
    }

    /// Removes a session's object.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], [`Error::ActionProhibited`] for an object of the card.
    pub fn destroy_object(&self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        if !self.object(handle)?.attributes.flag(CKA_DESTROYABLE) {
            return Err(Error::ActionProhibited);
        }
        let removed = self.known().session_objects.remove(&handle);
        removed.map(drop).ok_or(Error::ObjectHandle)
    }
}

/// The retired keys whose certificates are on the card: one command says how many.
fn retired_keys(client: &mut Client<'_>) -> core::result::Result<Vec<AsymmetricKey>, ClientError> {
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
