//! What becomes of invitations.

use crate::words::words;

words! {
    /// What has become of an invitation, as stored. Whether a pending one has expired is a matter of the time.
    StoredState {
        /// Not used yet.
        Pending = "pending",
        /// A phone was enrolled with it.
        Used = "used",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

words! {
    /// What an invitation is at a given time.
    InvitationState {
        /// Can be used.
        Pending = "pending",
        /// A phone was enrolled with it.
        Used = "used",
        /// Was not used in time.
        Expired = "expired",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}
