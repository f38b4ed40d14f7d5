//! The data objects of a card: which are listed, and their values.
//!
//! Nothing is sent to find out whether an object is there. Those are listed that are known to be: from the set that our
//! phone announces, or since they were read for something else; and where a program asks for data objects by their class,
//! also those of which nothing is known. A value is read when it is asked for.

use std::sync::Arc;

use card_edge::piv::{ObjectId, ReadRule};
use cryptoki_sys::CK_OBJECT_HANDLE;
use zeroize::Zeroizing;

use super::{PinUse, Token};
use crate::card::client::ClientError;
use crate::card::public_objects::Presence;
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::object::{Object, data};

/// Which data objects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Those that are known to be on the card.
    Known,
    /// Those that are not known to be absent.
    Possible,
}

impl Token {
    /// The data objects that can be seen now.
    #[must_use]
    pub fn data_objects(&self, listed: Listed) -> Vec<Arc<Object>> {
        let known = self.known();
        data::all()
            .filter(|object| match known.public.presence(*object) {
                Presence::There => true,
                Presence::Absent => false,
                Presence::Unknown => listed == Listed::Possible,
            })
            .filter_map(|object| data::object(self.number, object))
            .filter(|object| known.sees(object))
            .map(Arc::new)
            .collect()
    }

    /// The data object with this handle, if the handle is one of a data object.
    pub(super) fn data_object(&self, handle: CK_OBJECT_HANDLE) -> Option<Result<Arc<Object>>> {
        let object = data::with_handle(self.number, handle)?;
        let is_there = self.known().public.presence(object) != Presence::Absent;
        let object = data::object(self.number, object).filter(|_| is_there);
        Some(object.map(Arc::new).ok_or(Error::ObjectHandle))
    }

    /// CKA_VALUE of a data object; empty where it turns out not to be there.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where it wants the PIN, or any failure of the card.
    pub fn data_value(&self, object: ObjectId) -> Result<Zeroizing<Vec<u8>>> {
        let is_private = object.read_rule() == ReadRule::Pin;
        // What is known is answered at once, whoever uses the card.
        if let Some(known) = self.known_value(object) {
            return known;
        }
        let mut connection = self.connection();
        // Another thread may have read it in the meantime.
        if let Some(known) = self.known_value(object) {
            return known;
        }
        let pin = if is_private {
            PinUse::Needed
        } else {
            PinUse::Outlasts
        };
        let read = self.sequence(&mut connection, pin, Repeat::Allowed, |client, _| {
            match client.get_data(object) {
                // The login is not what is missing, but another interface.
                Err(ClientError::NotAuthorised(_)) if !is_private => Ok(None),
                other => Ok(Some(other?)),
            }
        })?;
        let content = read.ok_or_else(|| Error::Device("the card does not give it here".into()))?;
        let value = data::value(object, content.as_ref().map(|content| content.as_slice()))?;
        let mut known = self.known();
        match content {
            Some(_) if is_private => known.private_value = Some((object, value.clone())),
            content => known
                .public
                .learn(object, content.map(|content| content.to_vec())),
        }
        Ok(value)
    }

    /// What can be said of the value of a data object without asking the card.
    fn known_value(&self, object: ObjectId) -> Option<Result<Zeroizing<Vec<u8>>>> {
        let known = self.known();
        if object.read_rule() == ReadRule::Pin && !known.logged_in {
            return Some(Err(Error::UserNotLoggedIn));
        }
        match &known.private_value {
            Some((read, value)) if *read == object => Some(Ok(value.clone())),
            _ if known.public.presence(object) == Presence::Unknown => None,
            _ => Some(data::value(object, known.public.content(object))),
        }
    }
}
