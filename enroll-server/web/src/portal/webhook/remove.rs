//! Removing a webhook.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::{App, query, webhook as service};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "webhooks/remove.html")]
struct RemovePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    host: String,
}

/// `GET /webhooks/{id}/remove`: the question.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::webhook(&app, &id).await?;
    page(&RemovePage {
        words,
        shell: signed_in.shell(&app, words, Section::Webhooks),
        id: &id,
        host: service::host(&found.url),
    })
}

/// `POST /webhooks/{id}/remove`
pub async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::remove(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::WebhookRemoved);
    Ok(Redirect::to("/webhooks").into_response())
}
