//! What a token of the API may do.

use crate::words::words;

words! {
    /// What a token of the API may do: each address of the API says which of them it takes.
    Scope {
        /// Reads people, phones, certificates, invitations and the audit trail.
        Read = "read",
        /// Invites people, and cancels invitations.
        Invite = "invite",
        /// Approves and refuses what people ask for on their own pages.
        Approve = "approve",
        /// Corrects the names of people.
        Edit = "edit",
        /// Suspends and resumes people and phones.
        Suspend = "suspend",
        /// Allows holders a new PIN.
        Unblock = "unblock",
        /// Revokes phones and certificates, lets people go and takes them back.
        Revoke = "revoke",
    }
}
