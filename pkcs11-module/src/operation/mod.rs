//! What a session is in the middle of: at most one search and one operation of each kind (PKCS#11 3.0, 5.6 to 5.16).
//!
//! Operations are values: each is begun with what it needs of the token, and knows nothing of sessions.

pub mod decrypt;
pub mod derive;
pub mod digest;
pub mod encrypt;
pub mod generate;
mod input;
mod key;
pub mod search;
pub mod sign;
pub mod state;
pub mod verify;

use cryptoki_sys::*;

use decrypt::Decrypt;
use digest::Digest;
use encrypt::Encrypt;
use search::Search;
use sign::Sign;
use state::Operation;
use verify::Verify;

/// The operations of one session.
#[derive(Default)]
pub struct Operations {
    /// `C_FindObjects...`
    pub search: Option<Search>,
    /// `C_Digest...`
    pub digest: Operation<Digest>,
    /// `C_Sign...`
    pub sign: Operation<Sign>,
    /// `C_Verify...`
    pub verify: Operation<Verify>,
    /// `C_Encrypt...`
    pub encrypt: Operation<Encrypt>,
    /// `C_Decrypt...`
    pub decrypt: Operation<Decrypt>,
}

/// Ends one kind of operation.
type Cancel = fn(&mut Operations);

/// What `C_SessionCancel` can end.
const CANCEL: [(CK_FLAGS, Cancel); 6] = [
    (CKF_FIND_OBJECTS, |operations| operations.search = None),
    (CKF_DIGEST, |operations| operations.digest.cancel()),
    (CKF_SIGN, |operations| operations.sign.cancel()),
    (CKF_VERIFY, |operations| operations.verify.cancel()),
    (CKF_ENCRYPT, |operations| operations.encrypt.cancel()),
    (CKF_DECRYPT, |operations| operations.decrypt.cancel()),
];

impl Operations {
    /// Ends the operations that `flags` (`CKF_SIGN` and so on) name.
    pub fn cancel(&mut self, flags: CK_FLAGS) {
        for (flag, cancel) in CANCEL {
            if flags & flag != 0 {
                cancel(self);
            }
        }
    }
}
