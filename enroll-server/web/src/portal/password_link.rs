//! Choosing a password with a link that an administrator made.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_model::random::Token;
use enroll_server_service::password::Password;
use enroll_server_service::password_link as service;
use enroll_server_service::{App, passkey, sign_in};

use super::guard::{Source, Visitor};
use super::page::{Answer, page_with};
use super::problem::Problem;
use super::sign_in::let_in;
use super::view::FormErrors;
use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::words::Words;

/// The form; a password that was typed is not sent back.
#[derive(Debug, Deserialize)]
pub struct PasswordForm {
    password: Password,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    token: &'a str,
    errors: FormErrors,
    name: &'a str,
    email: &'a str,
    /// How many passkeys open the account, whatever its password is.
    passkeys: usize,
}

/// The address of a link, as its owner gets it.
pub(super) fn address(app: &App, token: &Token) -> String {
    format!("{}/password/{}", app.addresses.portal, token.reveal())
}

/// `GET /password/{token}`: the form. Uses nothing up.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    visitor: Visitor,
) -> Answer {
    let owner = service::look_at(&app, &token).await?;
    let page = page_with(
        StatusCode::OK,
        &PasswordPage {
            words,
            organisation: &app.organisation,
            csrf: visitor.form_token(),
            token: &token,
            errors: FormErrors::none(),
            name: &owner.name,
            email: &owner.email,
            passkeys: passkey::count(&app, &owner.id).await?,
        },
    )?;
    Ok((visitor.cookies(), page).into_response())
}

/// `POST /password/{token}`: sets the password, uses the link up and signs its owner in.
pub async fn choose(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<PasswordForm>,
) -> Answer {
    let owner = service::look_at(&app, &token).await?;
    let mut errors = FormErrors::none();
    errors.add_weakness(words, "password", &form.password);
    if !errors.is_empty() {
        return page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &PasswordPage {
                words,
                organisation: &app.organisation,
                csrf: visitor.form_token(),
                token: &token,
                errors,
                name: &owner.name,
                email: &owner.email,
                passkeys: passkey::count(&app, &owner.id).await?,
            },
        );
    }
    let password_hash = form.password.hash().await.map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Problem::internal()
    })?;
    let owner = service::choose(&app, &token, password_hash, &source).await?;
    let visit = cookie::visit(&jar, source);
    Ok(match sign_in::enter(&app, &owner, &visit).await? {
        Some(entered) => let_in(jar, &entered, ""),
        None => Redirect::to("/sign-in").into_response(),
    })
}
