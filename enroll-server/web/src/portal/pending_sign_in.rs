//! The second step of signing in: the code of an authenticator app, or a recovery code.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::App;
use enroll_server_service::pending_sign_in::{self as service, Shown};
use enroll_server_service::second_factor::Code;

use super::address;
use super::guard::{Source, Visitor};
use super::page::{Answer, page_with};
use super::sign_in::{self, Return};
use super::view::FormErrors;
use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::words::Words;

/// The form; a code that was typed is not sent back.
#[derive(Debug, Deserialize)]
pub struct CodeForm {
    #[serde(flatten)]
    back: Return,
    code: Code,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct CodePage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    errors: FormErrors,
    back: &'a str,
}

/// `GET /sign-in/second-factor`: the form, for whoever has given a password.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    Query(back): Query<Return>,
    visitor: Visitor,
    jar: CookieJar,
) -> Answer {
    let is_open = match cookie::pending_token(&jar) {
        Some(token) => service::is_open(&app, &token).await?,
        None => false,
    };
    if !is_open {
        return Ok(from_the_start(&back).into_response());
    }
    let page = page_with(
        StatusCode::OK,
        &CodePage {
            words,
            organisation: &app.organisation,
            csrf: visitor.form_token(),
            errors: FormErrors::none(),
            back: back.own_path(),
        },
    )?;
    Ok((visitor.cookies(), page).into_response())
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
    Form(form): Form<CodeForm>,
) -> Answer {
    let visit = cookie::visit(&jar, source);
    let Some(token) = cookie::pending_token(&jar) else {
        return Ok(from_the_start(&form.back).into_response());
    };
    match service::show(&app, &token, &form.code, &visit).await? {
        Shown::Begun(begun) => {
            let to = sign_in::to(form.back.own_path());
            Ok((cookie::begun(jar, &begun), to).into_response())
        }
        Shown::Gone => Ok(from_the_start(&form.back).into_response()),
        Shown::Refused => {
            let mut errors = FormErrors::none();
            errors.add("code", words.factor_code_wrong());
            page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &CodePage {
                    words,
                    organisation: &app.organisation,
                    csrf: visitor.form_token(),
                    errors,
                    back: form.back.own_path(),
                },
            )
        }
    }
}
