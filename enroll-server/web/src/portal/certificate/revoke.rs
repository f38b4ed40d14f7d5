//! Revoking one certificate.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::CertificateState;
use enroll_server_service::error::Error;
use enroll_server_service::query::{self, CertificateOfPhone};
use enroll_server_service::{App, revocation as service, session};

use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page_with};
use crate::portal::problem::Problem;
use crate::portal::revocation::{ReasonForm, refused};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::portal::words::{self, count};

#[derive(Template)]
#[template(path = "certificates/revoke.html")]
struct RevokePage<'a> {
    shell: Shell,
    errors: FormErrors,
    purpose: &'static str,
    holder: &'a str,
    phone_name: &'a str,
    phone_href: &'a str,
    consequence: String,
    remaining: String,
    action: String,
    back: String,
    verb: &'static str,
    reasons: Vec<Choice>,
}

/// `GET /certificates/{id}/revoke`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    question(&app, &signed_in, &id, FormErrors::none()).await
}

/// What the phone can still do afterwards.
async fn remaining(app: &App, found: &CertificateOfPhone) -> Result<String, Problem> {
    let now = app.clock.now();
    let others = query::certificates_of_phone(app, &found.phone.id)
        .await?
        .iter()
        .filter(|other| other.id != found.certificate.id && other.is_valid_at(now))
        .count();
    let others = i64::try_from(others).unwrap_or(i64::MAX);
    Ok(match others {
        0 => "The phone then has no valid certificate left.".to_owned(),
        _ => format!(
            "The phone keeps {}, which go on working.",
            count(others, "other valid certificate")
        ),
    })
}

async fn question(app: &App, signed_in: &SignedIn, id: &str, errors: FormErrors) -> Answer {
    let found = query::certificate(app, id).await?;
    if found.certificate.state == CertificateState::Revoked {
        return Err(Problem::from(Error::Conflict(
            "This certificate is revoked already.".to_owned(),
        )));
    }
    let slot = words::slot(found.certificate.slot.as_deref().unwrap_or_default());
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = RevokePage {
        shell: signed_in.shell(app, Section::Certificates).await?,
        errors,
        purpose: slot.purpose,
        holder: &found.holder.name,
        phone_name: &found.phone.name,
        phone_href: &format!("/phones/{}", found.phone.id),
        consequence: format!("{} {}.", found.holder.name, slot.what_stops),
        remaining: remaining(app, &found).await?,
        action: format!("/certificates/{id}/revoke"),
        back: format!("/certificates/{id}"),
        verb: "Revoke this certificate",
        reasons: words::reasons(),
    };
    page_with(status, &template)
}

/// `POST /certificates/{id}/revoke`
pub async fn revoke(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Answer {
    let Some(reason) = form.reason() else {
        return question(&app, &signed_in, &id, refused()).await;
    };
    // The server's own certificates cannot be revoked from here.
    query::certificate(&app, &id).await?;
    service::revoke_certificate(&app, &id, reason, &signed_in.actor()).await?;
    let done = "The certificate is revoked. Relying parties learn it from now on.";
    session::say(&app, signed_in.session(), done).await?;
    Ok(Redirect::to(&format!("/certificates/{id}")).into_response())
}
