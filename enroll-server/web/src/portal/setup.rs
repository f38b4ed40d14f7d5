//! Setting up the first administrator, through the link that the server printed.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::error::Error;
use enroll_server_service::password::Password;
use enroll_server_service::setup::{self, FirstAdministrator};
use enroll_server_service::{App, person, sign_in};

use super::guard::{Source, Visitor};
use super::page::{Answer, page, page_with};
use super::problem::Problem;
use super::sign_in::let_in;
use super::view::FormErrors;
use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::words::Words;

/// The form; a password that was typed is not sent back.
#[derive(Debug, Deserialize)]
pub struct SetupForm {
    name: String,
    email: String,
    password: Password,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    token: &'a str,
    errors: FormErrors,
    name: &'a str,
    email: &'a str,
}

/// `GET /setup/{token}`: the form. Uses nothing up.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    visitor: Visitor,
) -> Answer {
    setup::check_link(&app, &token).await?;
    let page = page(&SetupPage {
        words,
        organisation: &app.organisation,
        csrf: visitor.form_token(),
        token: &token,
        errors: FormErrors::none(),
        name: "",
        email: "",
    })?;
    Ok((visitor.cookies(), page).into_response())
}

/// `POST /setup/{token}`: adds the administrator, signs them in and closes the set-up for good.
pub async fn complete(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<SetupForm>,
) -> Answer {
    setup::check_link(&app, &token).await?;
    let again = |errors, name: &str, email: &str| {
        page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &SetupPage {
                words,
                organisation: &app.organisation,
                csrf: visitor.form_token(),
                token: &token,
                errors,
                name,
                email,
            },
        )
    };
    let mut errors = mistakes(words, &form);
    if !errors.is_empty() {
        return again(errors, &form.name, &form.email);
    }
    let password_hash = form.password.hash().await.map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Problem::internal()
    })?;
    let first = FirstAdministrator {
        name: form.name.clone(),
        email: form.email.clone(),
        password_hash,
    };
    let administrator = match setup::complete(&app, &token, first, &source).await {
        Ok(administrator) => administrator,
        Err(refused @ Error::InvalidField { .. }) => {
            errors.add_refused(words, Some(refused));
            return again(errors, &form.name, &form.email);
        }
        Err(error) => return Err(error.into()),
    };
    let visit = cookie::visit(&jar, source);
    Ok(match sign_in::enter(&app, &administrator, &visit).await? {
        Some(entered) => let_in(jar, &entered, ""),
        None => Redirect::to("/sign-in").into_response(),
    })
}

fn mistakes(words: Words, form: &SetupForm) -> FormErrors {
    let mut errors = FormErrors::none();
    errors.add_refused(words, person::person_name(&form.name).err());
    errors.add_refused(words, person::mail_address(&form.email).err());
    errors.add_weakness(words, "password", &form.password);
    errors
}
