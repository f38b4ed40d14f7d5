//! What becomes of holders.

use crate::words::words;

words! {
    /// How a holder stands to the organisation.
    HolderState {
        /// They can be invited, and their phones are what they are by themselves.
        Active = "active",
        /// All of their phones are suspended and no invitation of theirs works, until they are resumed.
        Suspended = "suspended",
        /// They have left: their phones are revoked, and they cannot be invited unless they are taken back.
        Gone = "gone",
    }
}
