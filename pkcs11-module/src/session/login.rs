//! Logging in and out (PKCS#11 3.0, 5.6.8 to 5.6.10), and changing the PIN (5.5.9).

use card_edge::piv::Pin;
use cryptoki_sys::{CK_USER_TYPE, CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER};

use super::{Access, Session};
use crate::error::{Error, Result};
use crate::management_key::HeldKey;
use crate::pin;
use crate::token::NO_ENTRY;
use crate::token::connection::PinFailure;

/// Where a PIN comes from.
enum Source<'a> {
    /// The application has given it.
    Given(&'a [u8]),
    /// Its holder types it at the card or the reader.
    Typed,
}

impl Session {
    /// `C_Login`; the PIN of the security officer is the card management key. Without a PIN the user types it at the card or the reader, where one of
    /// them told that. A login for one operation that has none to belong to is refused before it can cost a try;
    /// a wrong PIN leaves the operation as it was.
    ///
    /// # Errors
    /// [`Error::UserType`], [`Error::Arguments`] without a PIN, [`Error::OperationNotInitialized`], what is
    /// wrong with the PIN, [`Error::Canceled`] by `C_SessionCancel` while a phone or its holder is waited for, and where the holder
    /// does not type the PIN, or any failure of the card.
    pub fn login(&self, user: CK_USER_TYPE, pin: Option<&[u8]>) -> Result<()> {
        match user {
            CKU_USER => self.log_in(self.source(pin)),
            CKU_SO if self.token.is_administered() => Err(Error::UserAlreadyLoggedIn),
            CKU_SO => {
                let key = pin.ok_or(Error::Arguments("the card management key must be given"))?;
                let key = HeldKey::read(key)?;
                self.token.login_administrator(self.handle, key)
            }
            CKU_CONTEXT_SPECIFIC => {
                let asked = self.cancellations();
                let mut operations = self.operations();
                // Only signatures: a key that decrypts wants the PIN once (SP 800-73-5 part 1, table 4b).
                let sign = operations
                    .sign
                    .active_mut()
                    .filter(|sign| sign.wants_login())
                    .ok_or(Error::OperationNotInitialized)?;
                let was_logged_in = self.token.is_logged_in();
                let wanted = || self.is_wanted(asked);
                // The phone's absence has ended the login, and the PIN is that of a login too.
                let is_login = |was_away| was_away && was_logged_in && !self.token.is_logged_in();
                self.prove(&self.source(pin)?, wanted, |pin, was_away| {
                    match (pin, is_login(was_away)) {
                        (Some(pin), true) => self.token.login(self.handle, pin),
                        (Some(pin), false) => self.token.verify(pin),
                        (None, true) => self.token.login_typed(self.handle, wanted),
                        (None, false) => self.token.verify_typed(self.handle, wanted),
                    }
                })?;
                sign.give_consent();
                Ok(())
            }
            _ => Err(Error::UserType),
        }
    }

    /// Whether its user can type the PIN at the card or the reader.
    #[must_use]
    pub fn has_pin_typed(&self) -> bool {
        self.token.pin_entry(self.pin_form).is_some()
    }

    /// Where the user's PIN comes from.
    fn source<'a>(&self, pin: Option<&'a [u8]>) -> Result<Source<'a>> {
        match (pin, self.token.pin_entry(self.pin_form)) {
            (Some(pin), _) => Ok(Source::Given(pin)),
            (None, Some(_)) => Ok(Source::Typed),
            (None, None) => Err(NO_ENTRY),
        }
    }

    fn log_in(&self, source: Result<Source<'_>>) -> Result<()> {
        if self.token.is_logged_in() {
            // A phone that has left, without anybody having looked since, is waited for again.
            if !self.slots.awaits(&self.token) {
                return Err(Error::UserAlreadyLoggedIn);
            }
            self.token.card_left();
        }
        let asked = self.cancellations();
        self.prove(
            &source?,
            || {
                self.token.may_log_in(self.handle)?;
                self.is_wanted(asked)
            },
            |pin, _| match pin {
                Some(pin) => self.token.login(self.handle, pin),
                None => {
                    let wanted = || self.is_wanted(asked);
                    self.token.login_typed(self.handle, wanted)
                }
            },
        )
    }

    /// Does what a PIN is for; a phone that is away is waited for as long as `goes_on` says so, and `work` is told whether it was.
    /// A PIN that is given is made when the phone is there, and forgotten when it leaves.
    fn prove(
        &self,
        source: &Source<'_>,
        goes_on: impl Fn() -> Result<()>,
        work: impl Fn(Option<&Pin>, bool) -> core::result::Result<(), PinFailure>,
    ) -> Result<()> {
        let read = || match source {
            Source::Given(pin) => self.read_pin(pin).map(Some),
            Source::Typed => Ok(None),
        };
        // One that no card takes is not waited with.
        drop(read()?);
        let mut wait = self.slots.wait_for(&self.token);
        loop {
            wait.until_here(&goes_on)?;
            match work(read()?.as_ref(), wait.has_begun()) {
                Ok(()) => return Ok(()),
                Err(failure) if wait.goes_on_after(&failure) => {}
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// `C_Logout`
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`].
    pub fn logout(&self) -> Result<()> {
        self.token.logout()
    }

    /// `C_SetPIN`: of the user, or the card management key while the security officer is logged in.
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], [`Error::FunctionNotSupported`] where the card does not change its management key, what is wrong with one of the PINs, or any failure of the card.
    pub fn set_pin(&self, old: &[u8], new: &[u8]) -> Result<()> {
        if self.access == Access::ReadOnly {
            return Err(Error::SessionReadOnly);
        }
        if self.token.is_administered() {
            let new = HeldKey::read(new).map_err(|error| match error {
                Error::PinIncorrect => Error::PinInvalid,
                other => other,
            })?;
            return self.token.change_management_key(&HeldKey::read(old)?, new);
        }
        let new = self.read_pin(new)?;
        self.token.change_pin(&self.read_pin(old)?, &new)
    }

    fn read_pin(&self, bytes: &[u8]) -> Result<Pin> {
        pin::read(bytes, self.pin_form, &self.token.serial())
    }
}
