//! Adding an authenticator app to one's own account, and removing it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_service::second_factor::Code;
use enroll_server_service::{App, authenticator as service};

use super::guard::SignedIn;
use super::notice::Notice;
use super::page::{Answer, page, page_with};
use super::passkey;
use super::problem::Problem;
use super::view::{FormErrors, QrCode, Section, Shell};
use crate::words::{Text, Words};

/// The first code of an app that was offered.
#[derive(Debug, Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    secret_id: String,
    code: Code,
}

#[derive(Template)]
#[template(path = "account/authenticator.html")]
struct OfferPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    secret_id: &'a str,
    secret: &'a str,
    link: &'a str,
    qr: QrCode,
}

#[derive(Template)]
#[template(path = "account/remove_authenticator.html")]
struct RemovePage {
    words: Words,
    shell: Shell,
    remains: Vec<Text>,
}

async fn offered(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    secret_id: Option<&str>,
    errors: FormErrors,
) -> Answer {
    let offered = service::offer(app, signed_in.stored(), secret_id).await?;
    let qr = QrCode::new(&offered.link, &words.factor_code_picture()).map_err(|error| {
        tracing::error!(%error, "the secret of an authenticator app could not be drawn");
        Problem::internal()
    })?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &OfferPage {
            words,
            shell: signed_in.shell(app, words, Section::Account),
            errors,
            secret_id: &offered.secret_id,
            secret: &offered.secret,
            link: &offered.link,
            qr,
        },
    )
}

/// `GET /account/authenticator`: what an app is to scan. Nothing is stored yet.
pub async fn offer(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    offered(&app, words, &signed_in, None, FormErrors::none()).await
}

/// `POST /account/authenticator`: adds the app, and shows the recovery codes.
pub async fn add(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(form): Form<CodeForm>,
) -> Answer {
    let (session, actor) = (signed_in.session(), signed_in.actor());
    if service::add(&app, session, &form.secret_id, &form.code, &actor).await? {
        return Ok(Redirect::to("/account/recovery-codes").into_response());
    }
    let mut errors = FormErrors::none();
    errors.add("code", words.factor_first_code_wrong());
    let known = (!form.secret_id.is_empty()).then_some(form.secret_id.as_str());
    offered(&app, words, &signed_in, known, errors).await
}

/// `GET /account/authenticator/remove`: the question, and what remains to sign in with.
pub async fn ask(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let id = &signed_in.session().administrator_id;
    let factor = service::of(&app, id).await?;
    let passkeys = factor.map_or(0, |factor| factor.passkeys.len());
    page(&RemovePage {
        words,
        remains: passkey::remains(words, false, passkeys),
        shell: signed_in.shell(&app, words, Section::Account),
    })
}

/// `POST /account/authenticator/remove`
pub async fn remove(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    service::remove_own(&app, signed_in.session(), &signed_in.actor()).await?;
    signed_in.show_next(&Notice::SecondFactorRemoved);
    Ok(Redirect::to("/account").into_response())
}
