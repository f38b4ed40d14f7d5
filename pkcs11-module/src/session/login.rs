//! Logging in and out (PKCS#11 3.0, 5.6.8 to 5.6.10), and changing the PIN (5.5.9).

use card_edge::piv::Pin;
use cryptoki_sys::{CK_USER_TYPE, CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER};

use super::{Access, Session};
use crate::error::{Error, Result};
use crate::management_key::HeldKey;
use crate::pin;
use crate::token::connection::PinFailure;

impl Session {
    /// `C_Login`; the PIN of the security officer is the card management key. A login for one operation that has none to belong to is refused before it can cost a try;
    /// a wrong PIN leaves the operation as it was.
    ///
    /// # Errors
    /// [`Error::UserType`], [`Error::Arguments`] without a PIN, [`Error::OperationNotInitialized`], what is
    /// wrong with the PIN, [`Error::Canceled`] by `C_SessionCancel` while a phone is waited for, or any failure of the card.
    pub fn login(&self, user: CK_USER_TYPE, pin: Option<&[u8]>) -> Result<()> {
        let given = || {
            pin.ok_or(Error::Arguments(
                "there is no PIN pad: the PIN must be given",
            ))
        };
        match user {
            CKU_USER => self.log_in(given()),
            CKU_SO if self.token.is_administered() => Err(Error::UserAlreadyLoggedIn),
            CKU_SO => self
                .token
                .login_administrator(self.handle, HeldKey::read(given()?)?),
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
                self.with_pin(
                    given()?,
                    || self.is_wanted(asked),
                    // The phone's absence has ended the login, and the PIN is that of a login too.
                    |pin, was_away| match was_away && was_logged_in && !self.token.is_logged_in() {
                        true => self.token.login(self.handle, pin),
                        false => self.token.verify(pin),
                    },
                )?;
                sign.give_consent();
                Ok(())
            }
            _ => Err(Error::UserType),
        }
    }

    fn log_in(&self, pin: Result<&[u8]>) -> Result<()> {
        if self.token.is_logged_in() {
            // A phone that has left, without anybody having looked since, is waited for again.
            if !self.slots.awaits(&self.token) {
                return Err(Error::UserAlreadyLoggedIn);
            }
            self.token.card_left();
        }
        let asked = self.cancellations();
        self.with_pin(
            pin?,
            || {
                self.token.may_log_in(self.handle)?;
                self.is_wanted(asked)
            },
            |pin, _| self.token.login(self.handle, pin),
        )
    }

    /// Does what a PIN is for; a phone that is away is waited for as long as `goes_on` says so, and `work` is told whether it was.
    /// The PIN is made when the phone is there, and forgotten when it leaves.
    fn with_pin(
        &self,
        pin: &[u8],
        goes_on: impl Fn() -> Result<()>,
        work: impl Fn(&Pin, bool) -> core::result::Result<(), PinFailure>,
    ) -> Result<()> {
        // One that no card takes is not waited with.
        drop(self.read_pin(pin)?);
        let mut wait = self.slots.wait_for(&self.token);
        loop {
            wait.until_here(&goes_on)?;
            match work(&self.read_pin(pin)?, wait.has_begun()) {
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
