//! Who may pass to what is not for everybody.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_service::{App, session};

use super::failure::Failure;
use crate::access::Access;
use crate::auth::cookie;

/// Lets whoever is signed in pass, by the cookie of their session, if their role may use the address.
pub async fn signed_in(
    State((app, access)): State<(Arc<App>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let token = cookie::session(&CookieJar::from_headers(request.headers()));
    let found = match token {
        Some(token) => session::find(&app, &token).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(signed_in)) if access.admits(signed_in.role) => next.run(request).await,
        Ok(Some(_)) => StatusCode::FORBIDDEN.into_response(),
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(error) => Failure::from(error).into_response(),
    }
}
