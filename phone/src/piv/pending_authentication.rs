//! The first half of an authentication with the management key: what the host must answer directly after.

use card_edge::piv::Cipher;
use zeroize::Zeroizing;

/// What was begun.
pub(super) struct PendingAuthentication {
    /// The cipher that the host uses.
    pub(super) cipher: Cipher,
    /// Which kind it is.
    pub(super) step: Step,
}

/// The kinds of authentication.
pub(super) enum Step {
    /// External: the host encrypts the challenge.
    External {
        /// What comes out of it.
        expected: Zeroizing<Vec<u8>>,
    },
    /// Mutual: the host decrypts the witness.
    Mutual {
        /// What comes out of it.
        witness: Zeroizing<Vec<u8>>,
    },
}
