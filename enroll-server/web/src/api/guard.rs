//! Who may pass to what is for programs with a token.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::headers::authorization::Bearer;
use axum_extra::headers::{Authorization, HeaderMapExt as _};

use enroll_server_model::{Actor, Scope};
use enroll_server_service::error::Error;
use enroll_server_service::{App, api_token};

use super::denied::Denied;
use super::failure::Failure;
use crate::source;

/// Whoever sent a request, for handlers of routes that want a token.
#[derive(Clone, Debug)]
pub struct Caller {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    source: String,
}

impl Caller {
    /// They as the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::api_token(&self.id, &self.name, &self.source)
    }

    /// Whether their token may do this too.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The id of their token.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.id
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // Only routes behind the guard have it.
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Lets whoever sends a token pass that works and may do what the address is for.
pub async fn token(
    State((app, scope)): State<(Arc<App>, Scope)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(Authorization(sent)) = request.headers().typed_get::<Authorization<Bearer>>() else {
        return Denied::NoToken.into_response();
    };
    let token = match api_token::find(&app, sent.token()).await {
        Ok(Some(token)) => token,
        Ok(None) => return Denied::NotWorking.into_response(),
        Err(error) => return Failure::from(error).into_response(),
    };
    if !token.scopes.contains(&scope) {
        return Denied::NoScope(scope).into_response();
    }
    match api_token::note_use(&app, &token).await {
        Ok(()) => {}
        // While the database takes no writes it can be read all the same.
        Err(error @ Error::Unavailable(_)) => {
            tracing::warn!(%error, "the last use of a token is not noted");
        }
        Err(error) => return Failure::from(error).into_response(),
    }
    let caller = Caller {
        source: source::of(request.extensions()),
        id: token.id,
        name: token.name,
        scopes: token.scopes,
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}
