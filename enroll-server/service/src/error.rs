//! What can go wrong in a service, by what the caller can do about it. Pages and JSON say the same words: the portal
//! renders [`Error`] as a page, the API as JSON.

use std::time::Duration;

use enroll_server_ca::CaError;
use enroll_server_model::random::NoRandomness;
use enroll_server_store::StoreError;
use enrollment_protocol::Version;

/// Why a service refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No invitation has this token.
    #[error(
        "This invitation is not known here. Check that the link is complete, or ask whoever invited you for a new one."
    )]
    InvitationUnknown,
    /// A phone was enrolled with it.
    #[error(
        "This invitation was used already, and works once only. Ask whoever invited you for a new one."
    )]
    InvitationUsed,
    /// It was not used in time.
    #[error("This invitation has expired. Ask whoever invited you for a new one.")]
    InvitationExpired,
    /// It was taken back.
    #[error("This invitation was cancelled. Ask whoever invited you for a new one.")]
    InvitationCancelled,
    /// The request cannot be read.
    #[error("{0}")]
    RequestMalformed(String),
    /// The request is longer than any that could be meant.
    #[error("The request is longer than 64 KiB, and no enrollment is.")]
    RequestTooLong,
    /// The request can be read, and asks for what is refused.
    #[error("{0}")]
    RequestInvalid(String),
    /// The request is of a version that is not spoken here.
    #[error(
        "This server speaks version {current} of the enrollment protocol, the request version {0}. Update whichever of the two is older.",
        current = Version::CURRENT
    )]
    ProtocolUnsupported(Version),
    /// Too many requests.
    #[error("Too many attempts. Wait {} s and try again.", whole_seconds(*retry_after))]
    RateLimited {
        /// After how long it may be tried again.
        retry_after: Duration,
    },
    /// The same request is at work already.
    #[error("The same request is being worked on. Try again in {} s.", whole_seconds(*retry_after))]
    Busy {
        /// After how long it may be tried again.
        retry_after: Duration,
    },
    /// There is no such object.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// A field holds what it cannot hold.
    #[error("{message}")]
    InvalidField {
        /// The field's name, as in the form.
        field: &'static str,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// The object is no longer in the state that the action needs.
    #[error("{0}")]
    Conflict(String),
    /// There is an administrator, or the link was never made.
    #[error(
        "This set-up link does not work: it works once, and only until the first administrator is set up."
    )]
    SetupClosed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority failed.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The operating system failed.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Result of a service.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How long to wait as people and HTTP are told: rounded up, so that who comes at that second is let in.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
        .max(1)
}

impl Error {
    /// After how long the request may be tried again, where the answer says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Busy { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}
