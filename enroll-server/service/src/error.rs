//! What can go wrong in a service, by what the caller can do about it. `Display` is for the log; what people are told is
//! chosen by whoever tells them, from the variant and its values.

use std::time::Duration;

use enroll_server_ca::error::CaError;
use enroll_server_ca::profile::error::RefusedRow;
use enroll_server_model::random::NoRandomness;
use enroll_server_store::{StoreError, WorkError};
use enrollment_protocol::Version;

use crate::refusal::{Conflict, Field, FieldFlaw, Invalid, LinkEnd, Malformed, NoIssuance, Object};

/// Why a service refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No invitation has this token.
    #[error("the invitation is not known")]
    InvitationUnknown,
    /// A phone was enrolled with it.
    #[error("the invitation is used")]
    InvitationUsed,
    /// It was not used in time.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// It was taken back.
    #[error("the invitation is cancelled")]
    InvitationCancelled,
    /// The request cannot be read.
    #[error("the request cannot be read: {0}")]
    RequestMalformed(Malformed),
    /// The request is longer than any that could be meant.
    #[error("the request is too long")]
    RequestTooLong,
    /// The request can be read, and asks for what is refused.
    #[error("the request is refused: {0}")]
    RequestInvalid(Invalid),
    /// The request is of a version that is not supported.
    #[error("version {0} of the enrollment protocol is not supported")]
    ProtocolUnsupported(Version),
    /// No phone has this id, or it has no key to check in with.
    #[error("no phone with this id checks in")]
    PhoneUnknown,
    /// The message is not signed by the phone's key, or its challenge is not the current one.
    #[error("the check-in is not proved")]
    CheckInRefused,
    /// No new PIN is allowed for this phone now, or the code is another.
    #[error("no new PIN is allowed for this phone, or the code is another")]
    UnblockingRefused,
    /// Too many requests.
    #[error("too many attempts for another {} s", whole_seconds(*retry_after))]
    RateLimited {
        /// After how long it may be tried again.
        retry_after: Duration,
    },
    /// The same request is at work already.
    #[error("the same request is at work for another {} s", whole_seconds(*retry_after))]
    Busy {
        /// After how long it may be tried again.
        retry_after: Duration,
    },
    /// No certificate is issued at present.
    #[error("no certificate is issued: {0}")]
    IssuesNothing(NoIssuance),
    /// It failed a moment ago, and is tried again in a minute.
    #[error("it failed a moment ago and is tried again in a minute: {0}")]
    TriedInVain(String),
    /// The object does not exist.
    #[error("the object does not exist: {0:?}")]
    NotFound(Object),
    /// A field holds what it cannot hold.
    #[error("{}: {flaw}", field.name())]
    InvalidField {
        /// Which field.
        field: Field,
        /// What is wrong with it.
        flaw: FieldFlaw,
    },
    /// The object is no longer in the state that the action needs.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// There is an administrator, or the link was never made.
    #[error("the set-up link does not work")]
    SetupClosed,
    /// The link does not set a password.
    #[error(transparent)]
    PasswordLink(#[from] LinkEnd),
    /// The link does not lead to a holder's own pages, or not any more.
    #[error("the link to a holder's own pages does not work")]
    HolderLink,
    /// No server ever worked on the database; for the operator.
    #[error("no enrollment server ever worked on this database; are --data and --database right?")]
    NoInstallation,
    /// The database cannot do its work now: it is busy, full or out of reach. Nothing was changed.
    #[error("the database is not available: {0}")]
    Unavailable(StoreError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
    /// The authority failed.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A profile or an enrollment policy is not sound.
    #[error(transparent)]
    Profile(#[from] RefusedRow),
    /// There is no certificate of HTTPS to take in place of the one in use.
    #[error(
        "the folder tls/ has no certificate with its key that this server's authority has issued for {0} and that is valid now"
    )]
    NoTlsCertificate(String),
    /// Work ended before it returned.
    #[error("the work was broken off")]
    Task(#[from] tokio::sync::oneshot::error::RecvError),
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

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.nature().is_unavailable() {
            Self::Unavailable(error)
        } else {
            Self::Store(error)
        }
    }
}

impl WorkError for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Unavailable(error) | Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// After how long a request may be tried again that the database could not serve.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

impl Error {
    /// Whether it says that what admits to an enrollment was used up before.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        matches!(self, Self::InvitationUsed)
    }

    /// After how long the request may be tried again, where the answer says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Busy { retry_after } => Some(*retry_after),
            Self::Unavailable(_) => Some(DATABASE_PAUSE),
            Self::InvitationUnknown
            | Self::InvitationUsed
            | Self::InvitationExpired
            | Self::InvitationCancelled
            | Self::PhoneUnknown
            | Self::CheckInRefused
            | Self::UnblockingRefused
            | Self::RequestMalformed(_)
            | Self::RequestTooLong
            | Self::RequestInvalid(_)
            | Self::ProtocolUnsupported(_)
            | Self::IssuesNothing(_)
            | Self::TriedInVain(_)
            | Self::NotFound(_)
            | Self::InvalidField { .. }
            | Self::Conflict(_)
            | Self::SetupClosed
            | Self::PasswordLink(_)
            | Self::HolderLink
            | Self::NoInstallation
            | Self::Store(_)
            | Self::Ca(_)
            | Self::Profile(_)
            | Self::NoTlsCertificate(_)
            | Self::Task(_)
            | Self::Randomness(_) => None,
        }
    }
}
