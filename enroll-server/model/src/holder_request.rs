//! What holders ask for on their own pages, and what becomes of it.

use crate::words::words;

words! {
    /// How holders come to another phone of their own.
    AddingPhones {
        /// Somebody who works in the portal invites them.
        No = "no",
        /// They invite themselves, once they have shown a phone that they have.
        AtOnce = "at-once",
        /// They ask, and one officer approves.
        OneApproval = "one-approval",
        /// They ask, and two officers approve.
        TwoApprovals = "two-approvals",
    }
}

impl AddingPhones {
    /// How many officers approve what a holder asks for; none where holders ask for nothing.
    #[must_use]
    pub const fn approvals(self) -> Option<i64> {
        match self {
            Self::No | Self::AtOnce => None,
            Self::OneApproval => Some(1),
            Self::TwoApprovals => Some(2),
        }
    }
}

words! {
    /// What has become of a request.
    RequestState {
        /// It waits for an approval.
        Waiting = "waiting",
        /// It was approved, and came to an invitation.
        Approved = "approved",
        /// It was refused.
        Refused = "refused",
        /// Its holder withdrew it.
        Withdrawn = "withdrawn",
        /// Nobody decided in time.
        Expired = "expired",
        /// Its holder was suspended or let go.
        Closed = "closed",
    }
}

words! {
    /// How a holder came to their own pages.
    CameBy {
        /// They showed a phone.
        Phone = "phone",
        /// By a link from their mail.
        Mail = "mail",
    }
}
