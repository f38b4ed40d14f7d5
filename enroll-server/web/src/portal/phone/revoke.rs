//! Revoking a phone: all of its certificates.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::problem::Problem;
use crate::portal::revocation::{ReasonForm, refused};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::{Text, Words};
use enroll_server_model::PhoneState;
use enroll_server_service::error::Error;
use enroll_server_service::query;
use enroll_server_service::{App, revocation as service};

#[derive(Template)]
#[template(path = "phones/revoke.html")]
struct RevokePage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    holder: &'a str,
    consequence: Text,
    action: String,
    back: String,
    verb: Text,
    reasons: Vec<Choice>,
}

/// `GET /phones/{id}/revoke`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    question(&app, words, &signed_in, &id, FormErrors::none()).await
}

async fn question(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    errors: FormErrors,
) -> Answer {
    let (phone, holder) = query::phone(app, id).await?;
    if phone.state == PhoneState::Revoked {
        return Err(Problem::from(Error::Conflict(
            "This phone is revoked already.".to_owned(),
        )));
    }
    let now = app.clock.now();
    let certificates = query::certificates_of_phone(app, id).await?;
    let valid = certificates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now))
        .count();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = RevokePage {
        words,
        shell: signed_in.shell(app, words, Section::Phones).await?,
        errors,
        name: &phone.name,
        holder: &holder.name,
        consequence: words.revoke_phone_consequence(valid),
        action: format!("/phones/{id}/revoke"),
        back: format!("/phones/{id}"),
        verb: words.phone_revoke(),
        reasons: label::reasons(words),
    };
    page_with(status, &template)
}

/// `POST /phones/{id}/revoke`
pub async fn revoke(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Answer {
    let Some(reason) = form.reason() else {
        return question(&app, words, &signed_in, &id, refused(words)).await;
    };
    let certificates = service::revoke_phone(&app, &id, reason, &signed_in.actor()).await?;
    let done = Notice::PhoneRevoked { certificates };
    signed_in.say(&app, &done).await?;
    Ok(Redirect::to(&format!("/phones/{id}")).into_response())
}
