//! The security officer, who proves the card management key and may write to the card.
//!
//! The key is proved at login, to find out whether it is right, and again before each write in the same transaction; it is
//! given up at the end of that. So another program never finds the card open for writing, and a reset costs nothing. In
//! between it is held in locked memory until the officer logs out.

use std::sync::Arc;

use card_edge::Status;
use card_edge::piv::ManagementKey;
use cryptoki_sys::CK_SESSION_HANDLE;

use super::access::Access;
use super::connection::Connection;
use super::known::Known;
use super::{PinUse, Token};
use crate::card::administration::{authenticate, give_up};
use crate::card::client::{Client, ClientError};
use crate::card::error::CardError;
use crate::card::kept;
use crate::card::sequence::Repeat;
use crate::error::{Error, Result};
use crate::management_key::HeldKey;

impl Known {
    /// Whether the officer may log in over this session.
    fn may_log_in(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        if !self.sessions.contains_key(&session) {
            return Err(Error::SessionHandle);
        }
        if self.administrator.is_some() {
            return Err(Error::UserAlreadyLoggedIn);
        }
        if self.logged_in {
            return Err(Error::UserAnotherLoggedIn);
        }
        if self
            .sessions
            .values()
            .any(|access| *access == Access::ReadOnly)
        {
            return Err(Error::SessionReadOnlyExists);
        }
        Ok(())
    }
}

/// Gives the card a new key, for the first of its ciphers that the card takes.
fn set_key(client: &mut Client<'_>, new: &HeldKey) -> core::result::Result<(), CardError> {
    let mut result = Err(CardError::WrongManagementKey);
    for cipher in new.ciphers() {
        let key = new.with_bytes(|bytes| ManagementKey::new(cipher, bytes));
        let Ok(key) = key else { continue };
        result = client.set_management_key(&key).map_err(CardError::from);
        match &result {
            Err(CardError::Command(ClientError::Refused(..))) => {}
            Ok(()) => {
                // The cipher before may not do it any more.
                give_up(client, cipher);
                break;
            }
            Err(_) => break,
        }
    }
    result
}

impl Token {
    /// Whether the security officer is logged in.
    #[must_use]
    pub fn is_administered(&self) -> bool {
        self.known().administrator.is_some()
    }

    /// Logs the security officer in, for all sessions with the card.
    ///
    /// # Errors
    /// [`Error::SessionHandle`] where the session has been closed, [`Error::UserAlreadyLoggedIn`],
    /// [`Error::UserAnotherLoggedIn`], [`Error::SessionReadOnlyExists`], [`Error::PinIncorrect`] or any failure of the card.
    pub fn login_administrator(&self, session: CK_SESSION_HANDLE, key: HeldKey) -> Result<()> {
        let mut connection = self.connection();
        self.known().may_log_in(session)?;
        self.check_number(&mut connection)?;
        self.proving(&mut connection, &key, Repeat::Never, |_| Ok(()))?;
        let mut known = self.known();
        // A session that may only read has perhaps been opened meanwhile.
        known.may_log_in(session)?;
        known.administrator = Some(Arc::new(key));
        Ok(())
    }

    /// Changes the card management key, where the card knows the command for that (beyond the standard).
    ///
    /// # Errors
    /// [`Error::PinIncorrect`] where the old one is wrong, [`Error::FunctionNotSupported`] where the card does not do it,
    /// [`Error::DeviceRemoved`] as for every write, or any other failure of the card.
    pub fn change_management_key(&self, old: &HeldKey, new: HeldKey) -> Result<()> {
        let mut connection = self.connection();
        if !self.is_administered() {
            return Err(Error::UserNotLoggedIn);
        }
        let mut is_refused = false;
        let changed = self.proving(&mut connection, old, Repeat::NeverElsewhere, |client| {
            let result = set_key(client, &new);
            is_refused = matches!(result, Err(CardError::Command(ClientError::Refused(..))));
            result
        });
        match changed {
            Err(Error::Device(_)) if is_refused => return Err(Error::FunctionNotSupported),
            other => other?,
        }
        self.known().administrator = Some(Arc::new(new));
        Ok(())
    }

    /// Writes to the card as its security officer. What was read of the card is read again afterwards.
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where the officer is not logged in, [`Error::DeviceRemoved`] where the card left: the key
    /// is not proved to a card that has just come. Any other failure of the card.
    pub(super) fn write<R>(
        &self,
        connection: &mut Connection,
        work: impl FnMut(&mut Client<'_>) -> core::result::Result<R, CardError>,
    ) -> Result<R> {
        let key = self.known().administrator.clone();
        let key = key.ok_or(Error::UserNotLoggedIn)?;
        let result = self.proving(connection, &key, Repeat::NeverElsewhere, work);
        let mut known = self.known();
        kept::forget(&connection.card.cache(), &known.chuid);
        known.forget_objects();
        // Another program has changed the key.
        let is_wrong = matches!(result, Err(Error::PinIncorrect));
        if is_wrong {
            known.administrator = None;
        }
        drop(known);
        // It announces another digest now.
        connection.card.select_again();
        if is_wrong {
            return Err(Error::UserNotLoggedIn);
        }
        result
    }

    /// Proves the key, does the work and gives up what the key allows, in one transaction.
    fn proving<R>(
        &self,
        connection: &mut Connection,
        key: &HeldKey,
        repeat: Repeat,
        mut work: impl FnMut(&mut Client<'_>) -> core::result::Result<R, CardError>,
    ) -> Result<R> {
        let mut refused = None;
        let result = self.sequence(connection, PinUse::Stays, repeat, |client, here| {
            refused = None;
            here.pins.prove_where_due(client)?;
            let result = authenticate(client, key)
                .inspect_err(|error| {
                    if let CardError::Command(ClientError::Refused(_, status)) = error {
                        refused = Some(*status);
                    }
                })
                .and_then(|cipher| {
                    let result = work(client);
                    if !matches!(result, Err(CardError::Link(_))) {
                        give_up(client, cipher);
                    }
                    result
                });
            // More than the key cannot be proved.
            result.map_err(|error| match error {
                CardError::Command(ClientError::NotAuthorised(_)) => CardError::WriteProtected,
                other => other,
            })
        });
        result.map_err(|error| match refused {
            // It takes no key in this way: over this interface, or never.
            Some(
                Status::FunctionNotSupported
                | Status::InstructionNotSupported
                | Status::ClassNotSupported,
            ) => Error::TokenWriteProtected,
            // It is for another cipher.
            Some(_) if matches!(error, Error::Device(_)) => Error::PinIncorrect,
            _ => error,
        })
    }
}
