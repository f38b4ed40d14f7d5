//! Revoking a token of the API.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::{App, api_token as service, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "api_tokens/revoke.html")]
struct RevokePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: String,
}

/// `GET /api-tokens/{id}/revoke`: the question.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::api_token(&app, &id).await?;
    page(&RevokePage {
        words,
        shell: signed_in.shell(&app, words, Section::ApiTokens),
        id: &id,
        name: found.name,
    })
}

/// `POST /api-tokens/{id}/revoke`
pub async fn revoke(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::revoke(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::ApiTokenRevoked);
    Ok(Redirect::to(&format!("/api-tokens/{id}")).into_response())
}
