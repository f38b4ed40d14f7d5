//! Sending an invitation by mail: at first, again, or as a reminder.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::MailKind;
use enroll_server_service::admission::mailing;
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::Answer;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct MailForm {
    #[serde(default)]
    kind: String,
}

/// `POST /invitations/{id}/mail`
pub async fn send(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<MailForm>,
) -> Answer {
    let found = query::invitation(&app, &id).await?.summary;
    let kind = if form.kind == MailKind::Reminder.as_str() {
        MailKind::Reminder
    } else {
        MailKind::Invitation
    };
    mailing::send(&app, &found.invitation.id, kind, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::InvitationMailed {
        email: found.holder_email,
    });
    Ok(Redirect::to(&format!("/invitations/{}", found.invitation.id)).into_response())
}
