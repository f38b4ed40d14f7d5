//! The one place where what a service refused or failed at becomes an HTTP status and a code. Its words are in
//! [`crate::words`].

use axum::http::StatusCode;

use enroll_server_service::error::Error;
use enroll_server_service::refusal::LinkEnd;
use enrollment_protocol::Code;

/// How HTTP tells of an error.
pub trait HttpError {
    /// The HTTP status that says so.
    fn status(&self) -> StatusCode;

    /// The word for it in the API's answers.
    fn code(&self) -> Code;
}

impl HttpError for Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvitationUnknown
            | Self::PhoneUnknown
            | Self::NotFound(_)
            | Self::HolderLink
            | Self::SetupClosed => StatusCode::NOT_FOUND,
            Self::CheckInRefused | Self::UnblockingRefused => StatusCode::FORBIDDEN,
            Self::InvitationUsed | Self::Conflict(_) | Self::NoInstallation => StatusCode::CONFLICT,
            Self::PasswordLink(LinkEnd::Unknown) => StatusCode::NOT_FOUND,
            Self::InvitationExpired | Self::InvitationCancelled | Self::PasswordLink(_) => {
                StatusCode::GONE
            }
            Self::RequestMalformed(_) | Self::ProtocolUnsupported(_) => StatusCode::BAD_REQUEST,
            Self::RequestTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RequestInvalid(_) | Self::InvalidField { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. }
            | Self::Unavailable(_)
            | Self::IssuesNothing(_)
            | Self::TriedInVain(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_)
            | Self::Ca(_)
            | Self::Profile(_)
            | Self::NoTlsCertificate(_)
            | Self::Task(_)
            | Self::Randomness(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::InvitationUnknown => Code::InvitationUnknown,
            Self::InvitationUsed => Code::InvitationUsed,
            Self::InvitationExpired => Code::InvitationExpired,
            Self::InvitationCancelled => Code::InvitationCancelled,
            Self::RequestMalformed(_)
            | Self::RequestTooLong
            | Self::RequestInvalid(_)
            | Self::InvalidField { .. } => Code::RequestInvalid,
            Self::PhoneUnknown => Code::PhoneUnknown,
            Self::CheckInRefused => Code::CheckInRefused,
            Self::UnblockingRefused => Code::UnblockingRefused,
            Self::ProtocolUnsupported(_) => Code::ProtocolUnsupported,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::Busy { .. } | Self::Unavailable(_) => Code::Busy,
            Self::IssuesNothing(_) => Code::Unavailable,
            Self::NotFound(_) | Self::SetupClosed | Self::PasswordLink(_) | Self::HolderLink => {
                Code::Other("not_found".to_owned())
            }
            Self::Conflict(_) | Self::NoInstallation => Code::Other("conflict".to_owned()),
            Self::Store(_)
            | Self::Ca(_)
            | Self::Profile(_)
            | Self::NoTlsCertificate(_)
            | Self::Task(_)
            | Self::TriedInVain(_)
            | Self::Randomness(_) => Code::Internal,
        }
    }
}
