//! What can be done with several at once.

use crate::words::words;

words! {
    /// What is to be done with everything that somebody chose.
    BulkAct {
        /// Holders are invited to enroll another phone.
        Invite = "invite",
        /// People from a file are invited.
        Import = "import",
        /// Holders are suspended.
        SuspendHolders = "suspend-holders",
        /// Holders are resumed.
        ResumeHolders = "resume-holders",
        /// Phones are suspended.
        SuspendPhones = "suspend-phones",
        /// Phones are resumed.
        ResumePhones = "resume-phones",
        /// Invitations are cancelled.
        CancelInvitations = "cancel-invitations",
    }
}
