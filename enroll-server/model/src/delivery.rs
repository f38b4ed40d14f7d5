//! What is sent to others, and what became of it.

use crate::words::words;

words! {
    /// What has become of something that is to be sent.
    DeliveryState {
        /// It is to be sent, for the first time or once more.
        Waiting = "waiting",
        /// The other side has taken it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

words! {
    /// How an attempt to send something ended.
    Outcome {
        /// The other side has taken it.
        Taken = "taken",
        /// The other side answered that it has not taken it.
        Refused = "refused",
        /// The other side answered that it will never take it.
        Rejected = "rejected",
        /// The name leads nowhere, or nobody answers there.
        Unreachable = "unreachable",
        /// The address is one that nothing is sent to.
        NotAllowed = "not-allowed",
        /// There was no answer in time.
        TimedOut = "timed-out",
        /// What was to be sent is not there any more.
        Gone = "gone",
    }
}

words! {
    /// What somebody is told by mail.
    MailKind {
        /// That they are invited, with the link.
        Invitation = "invitation",
        /// The same once more, as they have not used it.
        Reminder = "reminder",
        /// The link to their own pages, which they asked for.
        OwnPages = "own-pages",
        /// What they asked for was refused.
        RequestRefused = "request-refused",
        /// A phone was enrolled in their name.
        PhoneEnrolled = "phone-enrolled",
        /// A phone of theirs was suspended.
        PhoneSuspended = "phone-suspended",
        /// A phone of theirs was revoked.
        PhoneRevoked = "phone-revoked",
        /// A phone of theirs brought the code for a new PIN.
        PinUnblocked = "pin-unblocked",
    }
}
