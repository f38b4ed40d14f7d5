//! Sessions (PKCS#11 3.0, 5.6): each belongs to one token and has operations of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki_sys::*;

use crate::error::{Error, Result};
use crate::module::Module;
use crate::operation::Operations;
use crate::pin;
use crate::token::Token;

/// A session.
pub struct Session {
    /// The slot in which it was opened.
    pub slot: CK_SLOT_ID,
    /// The card that it belongs to.
    pub token: Arc<Token>,
    /// Whether it may change what is on the token.
    pub access: Access,
    operations: Mutex<Operations>,
}

/// What a session may do to the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read.
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

impl Session {
    /// A session with a token, opened in this slot.
    #[must_use]
    pub fn new(slot: CK_SLOT_ID, token: Arc<Token>, access: Access) -> Self {
        Self {
            slot,
            token,
            access,
            operations: Mutex::new(Operations::default()),
        }
    }

    /// What it is in the middle of.
    pub fn operations(&self) -> MutexGuard<'_, Operations> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends one kind of operation.
type End = fn(&mut Operations);

/// What `C_SessionCancel` ends.
const CANCELLED: [(CK_FLAGS, End); 6] = [
    (CKF_FIND_OBJECTS, |operations| operations.search = None),
    (CKF_DIGEST, |operations| operations.digest = None),
    (CKF_SIGN, |operations| operations.sign = None),
    (CKF_VERIFY, |operations| operations.verify = None),
    (CKF_ENCRYPT, |operations| operations.encrypt = None),
    (CKF_DECRYPT, |operations| operations.decrypt = None),
];

impl Module {
    /// `C_GetSessionInfo`: asks the reader whether the card is there, and the card nothing.
    ///
    /// # Errors
    /// [`Error::SessionHandle`].
    pub fn session_info(&self, handle: CK_SESSION_HANDLE) -> Result<CK_SESSION_INFO> {
        let session = self.session(handle)?;
        let here = session.token.place().is_some_and(|place| {
            let present = self.slots().readers().snapshot();
            present.iter().any(|status| {
                status.name == place.reader && status.card.as_ref() == Some(&place.insertion)
            })
        });
        if !here {
            session.token.left();
        }
        let logged_in = session.token.is_logged_in();
        let (state, flags) = match (session.access, logged_in) {
            (Access::ReadOnly, false) => (CKS_RO_PUBLIC_SESSION, 0),
            (Access::ReadOnly, true) => (CKS_RO_USER_FUNCTIONS, 0),
            (Access::ReadWrite, false) => (CKS_RW_PUBLIC_SESSION, CKF_RW_SESSION),
            (Access::ReadWrite, true) => (CKS_RW_USER_FUNCTIONS, CKF_RW_SESSION),
        };
        Ok(CK_SESSION_INFO {
            slotID: session.slot,
            state,
            flags: flags | CKF_SERIAL_SESSION,
            ulDeviceError: 0,
        })
    }

    /// `C_Login`. A login for one operation that has none to belong to is refused before it can cost a try;
    /// a wrong PIN leaves the operation as it was.
    ///
    /// # Errors
    /// [`Error::UserType`], [`Error::Arguments`] without a PIN, [`Error::OperationNotInitialized`], what is
    /// wrong with the PIN, or any failure of the card.
    pub fn login(
        &self,
        handle: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: Option<&[u8]>,
    ) -> Result<()> {
        let session = self.session(handle)?;
        let missing = Error::Arguments("there is no PIN pad: the PIN must be given");
        match user {
            CKU_USER if session.token.is_logged_in() => Err(Error::UserAlreadyLoggedIn),
            CKU_USER => session.token.login(&pin::read(pin.ok_or(missing)?)?),
            CKU_CONTEXT_SPECIFIC => {
                let mut operations = session.operations();
                // Only signatures: a key that decrypts wants the PIN once (SP 800-73-5 part 1, table 4b).
                let sign = operations
                    .sign
                    .as_mut()
                    .filter(|sign| sign.wants_login())
                    .ok_or(Error::OperationNotInitialized)?;
                session.token.verify(&pin::read(pin.ok_or(missing)?)?)?;
                sign.consented();
                Ok(())
            }
            _ => Err(Error::UserType),
        }
    }

    /// `C_Logout`
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`].
    pub fn logout(&self, handle: CK_SESSION_HANDLE) -> Result<()> {
        self.session(handle)?.token.logout()
    }

    /// `C_SetPIN`
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], what is wrong with one of the PINs, or any failure of the card.
    pub fn set_pin(&self, handle: CK_SESSION_HANDLE, old: &[u8], new: &[u8]) -> Result<()> {
        let session = self.session(handle)?;
        if session.access == Access::ReadOnly {
            return Err(Error::SessionReadOnly);
        }
        let new = pin::read_new(new)?;
        session.token.change_pin(&pin::read(old)?, &new)
    }

    /// `C_SessionCancel`: ends the operations that `flags` name.
    ///
    /// # Errors
    /// [`Error::SessionHandle`].
    pub fn session_cancel(&self, handle: CK_SESSION_HANDLE, flags: CK_FLAGS) -> Result<()> {
        let session = self.session(handle)?;
        let mut operations = session.operations();
        for (flag, end) in CANCELLED {
            if flags & flag != 0 {
                end(&mut operations);
            }
        }
        Ok(())
    }
}
