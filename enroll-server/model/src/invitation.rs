//! What becomes of invitations, and what they ask for.

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

words! {
    /// Which keys a phone is asked to make.
    InvitationProfile {
        /// RSA-2048 where old clients need it (9A, 9D), P-256 elsewhere.
        Standard = "standard",
        /// P-256 everywhere.
        Compact = "compact",
    }
}
