//! The passkeys of one's own account: adding one, naming it, removing it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;

use enroll_server_service::error::Error;
use enroll_server_service::passkey::{self as service, Added, Passkey};
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, authenticator, proof};

use super::guard::SignedIn;
use super::notice::Notice;
use super::page::{Answer, page, page_with};
use super::problem::Problem;
use super::view::{FormErrors, Moment, Section, Shell};
use crate::words::{Text, Words};

const NEW: &str = "/account/passkeys/new";

/// A passkey that a browser made, and its name.
#[derive(Debug, Deserialize)]
pub struct NewForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    passkey: String,
}

/// Another name for a passkey.
#[derive(Debug, Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

#[derive(Template)]
#[template(path = "account/passkeys/new.html")]
struct NewPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    /// Else whoever wants to add one is asked first who they are.
    is_proved: bool,
}

#[derive(Template)]
#[template(path = "account/passkeys/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    name: &'a str,
    typed: &'a str,
    added: Moment,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "account/passkeys/remove.html")]
struct RemovePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    remains: Vec<Text>,
}

/// `POST /account/passkeys/new`: to the page, for whoever has shown who they are.
pub async fn ask() -> Redirect {
    Redirect::to(NEW)
}

/// `GET /account/passkeys/new`
pub async fn offer(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let id = &signed_in.session().administrator_id;
    let found = authenticator::of(&app, id).await?;
    let others = found.map_or(0, |found| found.passkeys.len());
    let name = words.passkey_name(others.saturating_add(1));
    let errors = FormErrors::none();
    offered(&app, words, &signed_in, &name, errors)
}

fn offered(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    name: &str,
    errors: FormErrors,
) -> Answer {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &NewPage {
            words,
            shell: signed_in.shell(app, words, Section::Account),
            errors,
            name,
            is_proved: proof::holds(app, signed_in.session()),
        },
    )
}

/// `POST /account/passkeys/options`: what the browser is to make, for whoever has shown who they are: a device would keep for
/// nothing what is refused afterwards.
pub async fn options(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    if !proof::holds(&app, signed_in.session()) {
        return Err(Error::from(Conflict::NotProved).into());
    }
    let options = service::to_add(&app, signed_in.stored()).await?;
    Ok(Json(options).into_response())
}

/// `POST /account/passkeys`: adds what the browser made.
pub async fn add(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(form): Form<NewForm>,
) -> Answer {
    let (session, actor) = (signed_in.session(), signed_in.actor());
    let added = service::add(&app, session, &form.name, &form.passkey, &actor).await;
    let mut errors = FormErrors::none();
    match added {
        Ok(Added::First) => return Ok(done(&signed_in, &Notice::PasskeyAdded, "recovery-codes")),
        Ok(Added::Another) => return Ok(done(&signed_in, &Notice::PasskeyAdded, "")),
        Ok(Added::Refused) => errors.add("", words.passkey_not_made()),
        Err(refused @ Error::InvalidField { .. }) => errors.add_refused(words, Some(refused)),
        Err(error) => return Err(error.into()),
    }
    offered(&app, words, &signed_in, &form.name, errors)
}

/// To one's own account, or a page of it.
fn done(signed_in: &SignedIn, notice: &Notice, page: &str) -> Response {
    signed_in.show_next(notice);
    let path = format!("/account/{page}");
    Redirect::to(path.trim_end_matches('/')).into_response()
}

/// `GET /account/passkeys/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let passkey = service::own(&app, signed_in.session(), &id).await?;
    let typed = passkey.name.clone();
    shown(
        &app,
        words,
        &signed_in,
        &passkey,
        &typed,
        FormErrors::none(),
    )
}

fn shown(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    passkey: &Passkey,
    typed: &str,
    errors: FormErrors,
) -> Answer {
    let now = app.clock.now();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &ShowPage {
            words,
            shell: signed_in.shell(app, words, Section::Account),
            errors,
            id: &passkey.id,
            name: &passkey.name,
            typed,
            added: Moment::new(words, passkey.added, now),
            used: passkey.last_used.map(|at| Moment::new(words, at, now)),
        },
    )
}

/// `POST /account/passkeys/{id}/name`
pub async fn rename(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<NameForm>,
) -> Answer {
    let (session, actor) = (signed_in.session(), signed_in.actor());
    let refused = match service::rename(&app, session, &id, &form.name, &actor).await {
        Ok(true) => return Ok(done(&signed_in, &Notice::PasskeyRenamed, "")),
        Ok(false) => return Ok(done(&signed_in, &Notice::PasskeyNotRenamed, "")),
        Err(refused @ Error::InvalidField { .. }) => refused,
        Err(error) => return Err(error.into()),
    };
    let mut errors = FormErrors::none();
    errors.add_refused(words, Some(refused));
    let passkey = service::own(&app, session, &id).await?;
    shown(&app, words, &signed_in, &passkey, &form.name, errors)
}

/// `GET /account/passkeys/{id}/remove`: the question, and what remains to sign in with.
pub async fn ask_to_remove(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let session = signed_in.session();
    let passkey = service::own(&app, session, &id).await?;
    let factor = authenticator::of(&app, &session.administrator_id).await?;
    let (has_app, passkeys) = factor.map_or((false, 0), |factor| {
        (factor.authenticator.is_some(), factor.passkeys.len())
    });
    page(&RemovePage {
        words,
        shell: signed_in.shell(&app, words, Section::Account),
        id: &id,
        name: &passkey.name,
        remains: remains(words, has_app, passkeys.saturating_sub(1)),
    })
}

/// What there is to sign in with once a second factor is gone.
pub(super) fn remains(words: Words, has_app: bool, passkeys: usize) -> Vec<Text> {
    let app = has_app.then(|| words.factor_remains_app());
    let others = (passkeys > 0).then(|| words.factor_remains_passkeys(passkeys));
    let lines: Vec<Text> = app.into_iter().chain(others).collect();
    if lines.is_empty() {
        return vec![words.factor_remove_last()];
    }
    lines
}

/// `POST /account/passkeys/{id}/remove`
pub async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    service::remove(&app, signed_in.session(), &id, &signed_in.actor()).await?;
    Ok(done(&signed_in, &Notice::PasskeyRemoved, ""))
}
