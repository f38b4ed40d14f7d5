//! The one place where what a service refused or failed at becomes an HTTP status, a code and words.

use axum::http::StatusCode;

use enroll_server_service::error::Error;
use enrollment_protocol::Code;

/// How HTTP tells of an error.
pub trait HttpError {
    /// The HTTP status that says so.
    fn status(&self) -> StatusCode;

    /// The word for it in the API's answers.
    fn code(&self) -> Code;

    /// What people are told: the error's own words, or for a failure of the server no more than that it failed.
    fn message(&self) -> String;
}

impl HttpError for Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvitationUnknown | Self::NotFound(_) | Self::SetupClosed => {
                StatusCode::NOT_FOUND
            }
            Self::InvitationUsed | Self::Conflict(_) => StatusCode::CONFLICT,
            Self::InvitationExpired | Self::InvitationCancelled => StatusCode::GONE,
            Self::RequestMalformed(_) | Self::ProtocolUnsupported(_) => StatusCode::BAD_REQUEST,
            Self::RequestTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RequestInvalid(_) | Self::InvalidField { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Ca(_) | Self::Randomness(_) => StatusCode::INTERNAL_SERVER_ERROR,
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
            Self::ProtocolUnsupported(_) => Code::ProtocolUnsupported,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::Busy { .. } => Code::Busy,
            Self::NotFound(_) | Self::SetupClosed => Code::Other("not_found".to_owned()),
            Self::Conflict(_) => Code::Other("conflict".to_owned()),
            Self::Store(_) | Self::Ca(_) | Self::Randomness(_) => Code::Internal,
        }
    }

    fn message(&self) -> String {
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR {
            "The server failed; nothing was changed. Try again, and if it goes on tell the administrator the request's id."
                .to_owned()
        } else {
            self.to_string()
        }
    }
}
