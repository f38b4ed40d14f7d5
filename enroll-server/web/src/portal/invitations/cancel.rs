//! Cancelling an invitation.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::InvitationState;
use enroll_server_service::admission::invitation as service;
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "invitations/cancel.html")]
struct CancelPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
}

/// `GET /invitations/{id}/cancel`: the question, as long as there is something to cancel.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::invitation(&app, &id).await?.summary;
    let state = found.invitation.state_at(app.clock.now());
    if state != InvitationState::Pending {
        return Err(Error::from(Conflict::NotPending(state)).into());
    }
    page(&CancelPage {
        words,
        shell: signed_in.shell(&app, words, Section::Invitations),
        id: &found.invitation.id,
        name: &found.holder_name,
    })
}

/// `POST /invitations/{id}/cancel`
pub async fn cancel(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::invitation(&app, &id).await?.summary;
    service::cancel(&app, &found.invitation.id, &signed_in.actor()).await?;
    let done = Notice::InvitationCancelled {
        name: found.holder_name,
    };
    signed_in.show_next(&done);
    Ok(Redirect::to(&format!("/invitations/{}", found.invitation.id)).into_response())
}
