//! Signing in with a passkey alone.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Form, Json};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::App;
use enroll_server_service::passkey_sign_in as service;
use enroll_server_service::sign_in::SignInError;

use super::guard::{Source, Visitor};
use super::page::Answer;
use super::problem::Problem;
use super::sign_in::{self, Return};
use crate::auth::cookie;
use crate::words::Words;

/// What the browser answered.
#[derive(Debug, Deserialize)]
pub struct PasskeyForm {
    #[serde(flatten)]
    back: Return,
    #[serde(default)]
    passkey: String,
}

/// `POST /sign-in/passkey/options`: what the browser is to show.
pub async fn ask(
    State(app): State<Arc<App>>,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
) -> Answer {
    let visit = cookie::visit(&jar, source);
    let options = service::ask(&app, visitor.secret(), &visit).await?;
    Ok(Json(options).into_response())
}

/// `POST /sign-in/passkey`: a new session, or the form again with what is wrong.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    words: Words,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<PasskeyForm>,
) -> Answer {
    let visit = cookie::visit(&jar, source);
    let refused = match service::sign_in(&app, visitor.secret(), &form.passkey, &visit).await {
        Ok(begun) => {
            let to = sign_in::to(form.back.own_path());
            return Ok((cookie::begun(jar, &begun), to).into_response());
        }
        Err(SignInError::Refused) => words.passkey_refused(),
        Err(SignInError::Copied) => words.passkey_copied(),
        Err(SignInError::Service(error)) => return Err(error.into()),
        Err(SignInError::Password(error)) => {
            tracing::error!(%error, "a passkey could not be compared");
            return Err(Problem::internal());
        }
    };
    sign_in::refused(&app, words, &visitor, refused, "", &form.back)
}
