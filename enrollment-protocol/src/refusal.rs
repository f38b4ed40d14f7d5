//! Why the server refuses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it is, for programs.
    pub error: Code,
    /// What happened, why, and what to do next, for people.
    pub message: String,
}

/// What a refusal is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Code {
    /// No invitation has this token.
    InvitationUnknown,
    /// A phone was enrolled with it, with other keys or since revoked.
    InvitationUsed,
    /// It was not used in time.
    InvitationExpired,
    /// An administrator took it back.
    InvitationCancelled,
    /// The request cannot be read, is too long, or asks for what is refused.
    RequestInvalid,
    /// The request is of a version that the server does not speak.
    ProtocolUnsupported,
    /// No phone has this id, or it enrolled without a key to check in with.
    PhoneUnknown,
    /// The message is not signed by the phone's check-in key, or its challenge is not the current one.
    CheckInRefused,
    /// Nobody allows this phone a new PIN now, or the code is another.
    UnblockingRefused,
    /// Too many requests.
    RateLimited,
    /// The same request is being worked on.
    Busy,
    /// The server issues no certificates at present: the message says why.
    Unavailable,
    /// The server failed.
    Internal,
    /// A code that this version does not know: the message says what it is about.
    Other(String),
}

/// The codes of this version, as they are written.
const CODES: [(Code, &str); 13] = [
    (Code::InvitationUnknown, "invitation_unknown"),
    (Code::InvitationUsed, "invitation_used"),
    (Code::InvitationExpired, "invitation_expired"),
    (Code::InvitationCancelled, "invitation_cancelled"),
    (Code::RequestInvalid, "request_invalid"),
    (Code::ProtocolUnsupported, "protocol_unsupported"),
    (Code::PhoneUnknown, "phone_unknown"),
    (Code::CheckInRefused, "check_in_refused"),
    (Code::UnblockingRefused, "unblocking_refused"),
    (Code::RateLimited, "rate_limited"),
    (Code::Busy, "busy"),
    (Code::Unavailable, "unavailable"),
    (Code::Internal, "internal"),
];

impl Code {
    /// The codes that this version knows.
    pub fn known() -> impl Iterator<Item = Self> {
        CODES.into_iter().map(|(code, _)| code)
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(word) = self {
            return word;
        }
        CODES
            .iter()
            .find(|(code, _)| code == self)
            .map_or("internal", |(_, word)| word)
    }
}

impl From<String> for Code {
    fn from(word: String) -> Self {
        CODES
            .into_iter()
            .find(|(_, known)| *known == word)
            .map_or(Self::Other(word), |(code, _)| code)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
