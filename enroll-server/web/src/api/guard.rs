//! Who may pass to what is not for everybody.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_service::{App, session};

use super::failure::Failure;
use crate::auth::cookie;

/// Lets signed-in administrators pass, by the cookie of their session.
pub async fn administrators(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let token = cookie::session(&CookieJar::from_headers(request.headers()));
    let found = match token {
        Some(token) => session::find(&app, &token).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(_)) => next.run(request).await,
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(error) => Failure::from(error).into_response(),
    }
}
