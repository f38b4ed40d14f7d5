//! Cancelling an invitation.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::query;
use enroll_server_service::{App, invitation as service, session};

use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};

#[derive(Template)]
#[template(path = "invitations/cancel.html")]
struct CancelPage<'a> {
    shell: Shell,
    id: &'a str,
    name: &'a str,
}

/// `GET /invitations/{id}/cancel`: the question.
pub async fn ask(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let (invitation, holder) = query::invitation(&app, &id).await?;
    page(&CancelPage {
        shell: signed_in.shell(&app, Section::Invitations).await?,
        id: &invitation.id,
        name: &holder.name,
    })
}

/// `POST /invitations/{id}/cancel`
pub async fn cancel(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let (invitation, holder) = query::invitation(&app, &id).await?;
    service::cancel(&app, &invitation.id, &signed_in.actor()).await?;
    let done = format!("The invitation for {} is cancelled.", holder.name);
    session::say(&app, signed_in.session(), &done).await?;
    Ok(Redirect::to(&format!("/invitations/{}", invitation.id)).into_response())
}
