//! Why a program does not pass.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use enroll_server_model::Scope;

/// Why somebody does not pass (RFC 6750, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// They sent no token.
    NoToken,
    /// The token is not known, has ended or was revoked.
    NotWorking,
    /// The token may not do this.
    NoScope(Scope),
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, challenge) = match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer realm="tapcard""#.to_owned(),
            ),
            Self::NotWorking => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer realm="tapcard", error="invalid_token""#.to_owned(),
            ),
            Self::NoScope(scope) => (
                StatusCode::FORBIDDEN,
                format!(r#"Bearer realm="tapcard", error="insufficient_scope", scope="{scope}""#),
            ),
        };
        let mut response = (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
