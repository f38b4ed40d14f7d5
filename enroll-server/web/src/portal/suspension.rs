//! Suspending a phone or a holder: the question with what follows from it, and a note; and resuming, which needs no question.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::Actor;
use enroll_server_service::App;
use enroll_server_service::error::{Error, Result};
use enroll_server_service::note;
use enroll_server_service::suspension::Terms;

use super::day::first_moment;
use super::guard::SignedIn;
use super::notice::Notice;
use super::page::{Answer, page_with};
use super::view::{FormErrors, Section, Shell};
use crate::words::{Text, Words};

/// What can be suspended.
pub trait Suspendable {
    /// The section of the menu, which is also where its pages are.
    const SECTION: Section;
    /// Its path without its id.
    const PATH: &'static str;

    /// Reads what the question tells.
    fn read(app: &App, words: Words, id: &str) -> impl Future<Output = Result<Question>> + Send;

    /// Suspends it; returns what the next page says.
    fn suspend(
        app: &App,
        id: &str,
        terms: Terms,
        actor: &Actor,
    ) -> impl Future<Output = Result<Notice>> + Send;

    /// Resumes it; returns what the next page says.
    fn resume(app: &App, id: &str, actor: &Actor) -> impl Future<Output = Result<Notice>> + Send;
}

/// What the page asks.
#[derive(Debug)]
pub struct Question {
    /// The name of its section.
    pub section: Text,
    /// Its own name.
    pub name: String,
    /// The title of the page.
    pub title: Text,
    /// The question.
    pub heading: Text,
    /// What follows from it.
    pub consequences: Vec<Text>,
    /// What the button says.
    pub verb: Text,
}

#[derive(Template)]
#[template(path = "suspend.html")]
struct SuspendPage {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    asked: Question,
    list: &'static str,
    back: String,
    note: String,
    until: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Sent {
    #[serde(default)]
    note: String,
    /// The day on which it ends by itself, as browsers send it; empty where somebody ends it.
    #[serde(default)]
    until: String,
}

/// `GET .../{id}/suspend`: the question, and what follows from it.
pub async fn ask<S: Suspendable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let asked = S::read(&app, words, &id).await?;
    let shell = signed_in.shell(&app, words, S::SECTION);
    page_with(
        StatusCode::OK,
        &SuspendPage {
            words,
            shell,
            errors: FormErrors::none(),
            asked,
            list: S::PATH,
            back: format!("{}/{id}", S::PATH),
            note: String::new(),
            until: String::new(),
        },
    )
}

/// What the form says of why and until when.
///
/// # Errors
/// [`Error::InvalidField`].
fn terms(sent: &Sent) -> Result<Terms> {
    let typed = sent.until.trim();
    let until = (!typed.is_empty())
        .then(|| first_moment(typed).ok_or_else(Terms::not_to_come))
        .transpose()?;
    Ok(Terms {
        note: note::read(&sent.note)?,
        until,
    })
}

/// `POST .../{id}/suspend`
pub async fn suspend<S: Suspendable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Answer {
    let back = format!("{}/{id}", S::PATH);
    let mut errors = FormErrors::none();
    let refused = match terms(&sent) {
        Ok(terms) => match S::suspend(&app, &id, terms, &signed_in.actor()).await {
            Ok(done) => {
                signed_in.show_next(&done);
                return Ok(Redirect::to(&back).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => refused,
            Err(error) => return Err(error.into()),
        },
        Err(refused) => refused,
    };
    errors.add_refused(words, Some(refused));
    let asked = S::read(&app, words, &id).await?;
    let shell = signed_in.shell(&app, words, S::SECTION);
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &SuspendPage {
            words,
            shell,
            errors,
            asked,
            list: S::PATH,
            back,
            note: sent.note,
            until: sent.until,
        },
    )
}

/// `POST .../{id}/resume`
pub async fn resume<S: Suspendable>(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let done = S::resume(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&done);
    Ok(Redirect::to(&format!("{}/{id}", S::PATH)).into_response())
}
