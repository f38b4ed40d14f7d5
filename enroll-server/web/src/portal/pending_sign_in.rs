//! The second step of signing in: a passkey, the code of an authenticator app, or a recovery code.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::{Form, Json};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::App;
use enroll_server_service::error::Error;
use enroll_server_service::pending_sign_in::{self as service, Asked, Shown};
use enroll_server_service::refusal::Conflict;
use enroll_server_service::second_factor::Factor;

use super::address;
use super::guard::{Source, Visitor};
use super::page::{Answer, page_with};
use super::sign_in::{self, Return};
use super::view::FormErrors;
use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::words::Words;

/// The form; a code that was typed is not sent back.
#[derive(Deserialize)]
pub struct FactorForm {
    #[serde(flatten)]
    back: Return,
    #[serde(default)]
    code: String,
    #[serde(default)]
    passkey: String,
}

impl FactorForm {
    fn factor(&self) -> Factor {
        if self.passkey.is_empty() {
            Factor::Code(self.code.clone().into())
        } else {
            Factor::Passkey(self.passkey.clone())
        }
    }
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct CodePage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    errors: FormErrors,
    back: &'a str,
    passkeys: bool,
}

fn step(
    app: &App,
    words: Words,
    visitor: &Visitor,
    back: &Return,
    asked: Asked,
    errors: FormErrors,
) -> Answer {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &CodePage {
            words,
            organisation: &app.organisation,
            csrf: visitor.form_token(),
            errors,
            back: back.own_path(),
            passkeys: asked.passkey,
        },
    )
}

/// `GET /sign-in/second-factor`: the form, for whoever has given a password.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    Query(back): Query<Return>,
    visitor: Visitor,
    jar: CookieJar,
) -> Answer {
    let asked = match cookie::pending_token(&jar) {
        Some(token) => service::asked(&app, &token).await?,
        None => None,
    };
    let Some(asked) = asked else {
        return Ok(from_the_start(&back).into_response());
    };
    let page = step(&app, words, &visitor, &back, asked, FormErrors::none())?;
    Ok((visitor.cookies(), page).into_response())
}

/// `POST /sign-in/second-factor/options`: which passkey the browser is to show.
pub async fn ask_for_passkey(State(app): State<Arc<App>>, jar: CookieJar) -> Answer {
    let asked = match cookie::pending_token(&jar) {
        Some(token) => service::ask_for_passkey(&app, &token).await?,
        None => None,
    };
    let asked = asked.ok_or(Error::from(Conflict::SecondFactorOff))?;
    Ok(Json(asked).into_response())
}

fn from_the_start(back: &Return) -> Redirect {
    Redirect::to(&address::with_query(
        "/sign-in",
        &[("return", back.own_path())],
    ))
}

/// `POST /sign-in/second-factor`: a new session, or the form again.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<FactorForm>,
) -> Answer {
    let visit = cookie::visit(&jar, source);
    let Some(token) = cookie::pending_token(&jar) else {
        return Ok(from_the_start(&form.back).into_response());
    };
    let Some(asked) = service::asked(&app, &token).await? else {
        return Ok(from_the_start(&form.back).into_response());
    };
    let mut errors = FormErrors::none();
    match service::show(&app, &token, &form.factor(), &visit).await? {
        Shown::Begun(begun) => {
            let to = sign_in::to(form.back.own_path());
            return Ok((cookie::begun(jar, &begun), to).into_response());
        }
        Shown::Gone => return Ok(from_the_start(&form.back).into_response()),
        Shown::Copied => errors.add("", words.passkey_copied()),
        Shown::Refused if form.passkey.is_empty() => {
            errors.add("code", words.factor_code_wrong());
        }
        Shown::Refused => errors.add("", words.passkey_refused()),
    }
    step(&app, words, &visitor, &form.back, asked, errors)
}
