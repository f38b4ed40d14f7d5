//! Approving and refusing what a holder asks for.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_service::admission::request;
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, query};

use super::show;
use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::Answer;
use crate::portal::view::FormErrors;
use crate::words::Words;

/// What the forms send.
#[derive(Debug, Deserialize)]
pub struct Decision {
    /// What the page showed that the request would change.
    #[serde(default)]
    seen: String,
    #[serde(default)]
    note: String,
}

/// `POST /requests/{id}/approve`
pub async fn approve(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Answer {
    match request::approve(&app, &id, &form.seen, &signed_in.actor()).await {
        Ok(approved) => {
            signed_in.show_next(&Notice::RequestApproved {
                name: approved.name,
                missing: approved.missing,
                is_mailed: approved.is_mailed,
            });
            Ok(Redirect::to(&format!("/requests/{id}")).into_response())
        }
        Err(error) => again(&app, words, &signed_in, &id, error, &form.note).await,
    }
}

/// `POST /requests/{id}/refuse`
pub async fn refuse(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<Decision>,
) -> Answer {
    match request::refuse(&app, &id, &form.seen, &form.note, &signed_in.actor()).await {
        Ok(()) => {
            let name = query::request(&app, &id).await?.holder.name;
            signed_in.show_next(&Notice::RequestRefused { name });
            Ok(Redirect::to(&format!("/requests/{id}")).into_response())
        }
        Err(error) => again(&app, words, &signed_in, &id, error, &form.note).await,
    }
}

/// The page as it is now, where somebody can decide again; a page that says why not otherwise.
async fn again(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    error: Error,
    note: &str,
) -> Answer {
    let mut errors = FormErrors::none();
    match error {
        stale @ Error::Conflict(Conflict::RequestStale) => errors.add("", words.refusal(&stale)),
        refused @ Error::InvalidField { .. } => errors.add_refused(words, Some(refused)),
        error => return Err(error.into()),
    }
    show::answer(app, words, signed_in, id, errors, note).await
}
