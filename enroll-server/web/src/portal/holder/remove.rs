//! Removing a holder who never had a phone.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::holder as service;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::portal::view::{Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "holders/remove.html")]
struct RemovePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    consequence: Text,
}

/// `GET /holders/{id}/remove`: the question.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::holder(&app, &id).await?;
    if !found.phones.is_empty() {
        let refused = enroll_server_service::error::Error::from(Conflict::HolderHasPhones);
        return Err(Problem::from(refused));
    }
    let now = app.clock.now();
    page(&RemovePage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders),
        id: &id,
        name: &found.holder.name,
        consequence: words.remove_consequence(found.open_invitations(now)),
    })
}

/// `POST /holders/{id}/remove`
pub async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let name = service::remove(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::HolderRemoved { name });
    Ok(Redirect::to("/holders").into_response())
}
