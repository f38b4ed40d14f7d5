//! Logging in and out (PKCS#11 3.0, 5.6.8 to 5.6.10), and changing the PIN (5.5.9).

use card_edge::piv::Pin;
use cryptoki_sys::{CK_USER_TYPE, CKU_CONTEXT_SPECIFIC, CKU_SO, CKU_USER};

use super::{Access, Session};
use crate::error::{Error, Result};
use crate::management_key::HeldKey;
use crate::pin;

impl Session {
    /// `C_Login`; the PIN of the security officer is the card management key. A login for one operation that has none to belong to is refused before it can cost a try;
    /// a wrong PIN leaves the operation as it was.
    ///
    /// # Errors
    /// [`Error::UserType`], [`Error::Arguments`] without a PIN, [`Error::OperationNotInitialized`], what is
    /// wrong with the PIN, or any failure of the card.
    pub fn login(&self, user: CK_USER_TYPE, pin: Option<&[u8]>) -> Result<()> {
        let missing = Error::Arguments("there is no PIN pad: the PIN must be given");
        match user {
            CKU_USER if self.token.is_logged_in() => Err(Error::UserAlreadyLoggedIn),
            CKU_USER => self
                .token
                .login(self.handle, &self.read_pin(pin.ok_or(missing)?)?),
            CKU_SO if self.token.is_administered() => Err(Error::UserAlreadyLoggedIn),
            CKU_SO => self
                .token
                .login_administrator(self.handle, HeldKey::read(pin.ok_or(missing)?)?),
            CKU_CONTEXT_SPECIFIC => {
                let mut operations = self.operations();
                // Only signatures: a key that decrypts wants the PIN once (SP 800-73-5 part 1, table 4b).
                let sign = operations
                    .sign
                    .active_mut()
                    .filter(|sign| sign.wants_login())
                    .ok_or(Error::OperationNotInitialized)?;
                self.token.verify(&self.read_pin(pin.ok_or(missing)?)?)?;
                sign.give_consent();
                Ok(())
            }
            _ => Err(Error::UserType),
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
