//! Revoking one certificate.

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
use crate::words::{Markup, Text, Words};
use enroll_server_model::CertificateState;
use enroll_server_service::error::Error;
use enroll_server_service::query::{self, CertificateOfPhone};
use enroll_server_service::{App, revocation as service};

#[derive(Template)]
#[template(path = "certificates/revoke.html")]
struct RevokePage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    purpose: Text,
    holder: &'a str,
    phone_name: &'a str,
    phone_href: &'a str,
    consequence: Text,
    remaining: Text,
    whole_phone: Markup,
    action: String,
    back: String,
    verb: Text,
    reasons: Vec<Choice>,
}

/// `GET /certificates/{id}/revoke`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    question(&app, words, &signed_in, &id, FormErrors::none()).await
}

/// What the phone can still do afterwards.
async fn remaining(app: &App, words: Words, found: &CertificateOfPhone) -> Result<Text, Problem> {
    let now = app.clock.now();
    let others = query::certificates_of_phone(app, &found.phone.id)
        .await?
        .iter()
        .filter(|other| other.id != found.certificate.id && other.is_valid_at(now))
        .count();
    Ok(words.revoke_certificate_remaining(others))
}

async fn question(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    errors: FormErrors,
) -> Answer {
    let found = query::certificate(app, id).await?;
    if found.certificate.state == CertificateState::Revoked {
        return Err(Problem::from(Error::Conflict(
            "This certificate is revoked already.".to_owned(),
        )));
    }
    let slot = found.certificate.slot.as_deref().unwrap_or_default();
    let phone_href = format!("/phones/{}", found.phone.id);
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = RevokePage {
        words,
        shell: signed_in.shell(app, words, Section::Certificates).await?,
        errors,
        purpose: label::purpose(words, slot),
        holder: &found.holder.name,
        phone_name: &found.phone.name,
        phone_href: &phone_href,
        consequence: label::what_stops(words, slot, &found.holder.name),
        remaining: remaining(app, words, &found).await?,
        whole_phone: Markup::link(
            &format!("{phone_href}/revoke"),
            &words.revoke_certificate_whole_phone(),
        ),
        action: format!("/certificates/{id}/revoke"),
        back: format!("/certificates/{id}"),
        verb: words.certificate_revoke(),
        reasons: label::reasons(words),
    };
    page_with(status, &template)
}

/// `POST /certificates/{id}/revoke`
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
    // The server's own certificates cannot be revoked from here.
    query::certificate(&app, &id).await?;
    service::revoke_certificate(&app, &id, reason, &signed_in.actor()).await?;
    signed_in.say(&app, &Notice::CertificateRevoked).await?;
    Ok(Redirect::to(&format!("/certificates/{id}")).into_response())
}
