//! Signing in with a phone. What is at the address of its own, where browsers are asked for a certificate, only leads on: to the
//! holder's own pages, or to the page that says what was wrong.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use enroll_server_model::PhoneRefusal;
use enroll_server_service::App;
use enroll_server_service::error::Error;
use enroll_server_service::phone_sign_in::{self, ShowError};

use crate::listener::ClientCertificate;
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::words::{Text, Words};

/// `GET /` of the listener for phones.
pub async fn show(
    State(app): State<Arc<App>>,
    ClientCertificate(certificate): ClientCertificate,
) -> Response {
    let path = match phone_sign_in::show(&app, certificate.as_deref()).await {
        Ok(token) => format!("/me/enter/{}", token.reveal()),
        Err(ShowError::Refused(why)) => not_accepted(why),
        Err(ShowError::Service(Error::RateLimited { .. })) => {
            not_accepted(PhoneRefusal::NotChecked)
        }
        Err(ShowError::Service(error)) => {
            tracing::error!(%error, "a phone that was shown could not be checked");
            not_accepted(PhoneRefusal::NotChecked)
        }
    };
    let to = Redirect::to(&format!("{}{path}", app.addresses.portal));
    ([(header::CACHE_CONTROL, "no-store")], to).into_response()
}

fn not_accepted(why: PhoneRefusal) -> String {
    format!("/me/not-accepted/{why}")
}

#[derive(Template)]
#[template(path = "me/not_accepted.html")]
struct NotAcceptedPage<'a> {
    words: Words,
    organisation: &'a str,
    why: Text,
}

/// `GET /me/not-accepted/{reason}`
pub async fn explain(
    State(app): State<Arc<App>>,
    words: Words,
    Path(reason): Path<String>,
) -> Answer {
    let organisation = &app.organisation;
    let reason: PhoneRefusal = reason.parse().map_err(|_| Problem::nowhere())?;
    let why = match reason {
        PhoneRefusal::NoCertificate => words.me_refused_no_certificate(),
        PhoneRefusal::AnotherAuthority => words.me_refused_another_authority(organisation),
        PhoneRefusal::AnotherKey => words.me_refused_another_key(),
        PhoneRefusal::Expired => words.me_refused_expired(organisation),
        PhoneRefusal::Suspended => words.me_refused_suspended(organisation),
        PhoneRefusal::Revoked => words.me_refused_revoked(organisation),
        PhoneRefusal::NotChecked => words.me_refused_not_checked(),
    };
    page(&NotAcceptedPage {
        words,
        organisation,
        why,
    })
}
