//! The objects of a card and of its sessions.

use std::sync::Arc;

use card_edge::piv::extensions::Digest;
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DESTROYABLE};

use super::connection::Connection;
use super::known::SessionObject;
use super::{PinUse, Token};
use crate::card::error::CardError;
use crate::card::public_objects::{Extent, PublicObjects};
use crate::card::sequence::Repeat;
use crate::card::{announced, kept};
use crate::error::{Error, Result};
use crate::object::secret::{self, SecretKeyTemplate};
use crate::object::{self, Object};

/// What was read of a card.
struct Read {
    public: PublicObjects,
    /// The digest that the card announced when it was read.
    digest: Option<Digest>,
    /// Whether the card gave all of it as it had announced it.
    at_once: bool,
    /// Whether all of it was read or checked just now, of a card that announces nothing.
    was_read: bool,
}

impl Token {
    /// The objects of the card, read once: again where the card announces that they are others now.
    ///
    /// # Errors
    /// Any failure of the card.
    pub fn objects(&self) -> Result<Arc<Vec<Arc<Object>>>> {
        if let Some(objects) = self.known().objects_in_force() {
            return Ok(objects);
        }
        self.read_objects(&mut self.connection())
    }

    /// [`Self::objects`] over a connection that the caller holds.
    pub(super) fn read_objects(
        &self,
        connection: &mut Connection,
    ) -> Result<Arc<Vec<Arc<Object>>>> {
        // Another thread may have read them in the meantime.
        if let Some(objects) = self.known().objects_in_force() {
            return Ok(objects);
        }
        let mut read = self.read_public_objects(connection)?;
        if !read.public.has_others() && !read.at_once {
            // Another program may have selected another application, which answers just the same.
            connection.card.select_again();
            read = self.read_public_objects(connection)?;
        }
        if read.was_read {
            let insertion = connection.card.insertion_hash();
            kept::put(&connection.card.cache(), &read.public, insertion);
        }
        let mut known = self.known();
        known.set_public(read.public, read.digest);
        Ok(known.make_objects(self.number))
    }

    /// Reads the objects of a card that is there, where nothing is known of them but what it announced.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn read_announced(&self) -> Result<()> {
        let is_due = self.known().public.is_announced();
        if is_due && self.is_present() {
            self.objects()?;
        }
        Ok(())
    }

    /// Before a secret goes out: makes sure that the card has the number that it announced, where nobody has read it.
    ///
    /// # Errors
    /// [`Error::SessionHandle`] where it has another, or as [`Self::objects`].
    pub(super) fn check_number(&self, connection: &mut Connection) -> Result<()> {
        let is_due = self.known().public.is_announced();
        if is_due {
            self.read_objects(connection)?;
        }
        Ok(())
    }

    /// Reads what was not read when the card was found.
    fn read_public_objects(&self, connection: &mut Connection) -> Result<Read> {
        let (known, known_digest) = {
            let known = self.known();
            (known.public.clone(), known.digest)
        };
        let is_of =
            |digest: Option<Digest>| digest == known_digest && digest.is_some() && known.is_whole();
        let read = |public, digest, at_once| Read {
            public,
            digest,
            at_once,
            was_read: false,
        };
        let is_in_force = known.is_whole() && !known.is_due() && known_digest.is_none();
        let announced = connection.card.announced();
        if is_of(announced) || (is_in_force && announced.is_none() && known.has_others()) {
            return Ok(read(known.clone(), known_digest, true));
        }
        let cache = connection.card.cache();
        let identity = connection.card.identity();
        // Once for a card: where that cannot be kept, it would be once for a program.
        let all = if cache.is_there() {
            Extent::AllAndRetired
        } else {
            Extent::All
        };
        let mut was_read = false;
        let mut result = self.sequence(
            connection,
            PinUse::Outlasts,
            Repeat::Allowed,
            |client, here| {
                let digest = here.objects;
                if is_of(digest) {
                    return Ok(read(known.clone(), digest, true));
                }
                let at_once = match digest {
                    Some(digest) => announced::read(client, digest, &cache)?,
                    None => None,
                };
                let found = if let Some(public) = at_once {
                    read(public, digest, true)
                } else {
                    let mut public = if digest == known_digest {
                        known.clone()
                    } else {
                        PublicObjects::default()
                    };
                    was_read = !public.is_whole() || public.is_due();
                    public.read(client, all)?;
                    if public.is_due() {
                        public.check_all(client, all)?;
                    }
                    read(public, digest, false)
                };
                // So far it went by the number that it announced, which nobody had read.
                if known.is_announced() && found.public.identity() != identity {
                    return Err(CardError::OtherCard);
                }
                Ok(found)
            },
        )?;
        // The card was away, and what is known of it is from before.
        if !was_read && result.digest.is_none() && known.is_older_than(&self.known().public) {
            result.public.recheck();
        }
        result.was_read = was_read;
        Ok(result)
    }

    /// The objects of the card and of its sessions that can be seen now.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn visible_objects(&self) -> Result<Vec<Arc<Object>>> {
        let card = self.objects()?;
        let known = self.known();
        let session = known.session_objects.values().map(|entry| &entry.object);
        Ok(card
            .iter()
            .chain(session)
            .filter(|object| known.sees(object))
            .cloned()
            .collect())
    }

    /// Whether private objects can be seen now.
    #[must_use]
    pub fn shows_private_objects(&self) -> bool {
        self.known().shows_private_objects()
    }

    /// Whether an object can be seen now.
    #[must_use]
    pub fn sees(&self, object: &Object) -> bool {
        self.known().sees(object)
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
        if let Some(data) = self.data_object(handle) {
            return data;
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
        if !known.sessions.contains_key(&session) {
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
