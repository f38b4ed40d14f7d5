//! What becomes of phones.

use crate::words::words;

words! {
    /// What has become of a phone.
    PhoneState {
        /// Its certificates are valid, unless one was revoked by itself or has expired.
        Active = "active",
        /// Its certificates are on hold, and it can come back.
        Suspended = "suspended",
        /// All of its certificates are revoked.
        Revoked = "revoked",
    }
}
