//! Revoking a phone or a certificate: the question with what follows from it, and the answer with its reason. What is
//! revoked differs, the flow does not.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::{Actor, RevocationReason};
use enroll_server_service::App;
use enroll_server_service::error::Result;

use super::guard::SignedIn;
use super::label;
use super::notice::Notice;
use super::page::{Answer, page_with};
use super::view::{Choice, FormErrors, Section, Shell};
use crate::words::{Text, Words};

/// What can be revoked.
pub trait Revocable {
    /// The section of the menu, which is also where its pages are.
    const SECTION: Section;
    /// Its path without its id.
    const PATH: &'static str;

    /// What was read for the question.
    type Question: Send;

    /// Reads what the question tells.
    fn read(app: &App, id: &str) -> impl Future<Output = Result<Self::Question>> + Send;

    /// The page that asks.
    fn page(
        words: Words,
        shell: Shell,
        form: ReasonForm,
        question: &Self::Question,
    ) -> impl Template;

    /// What the button says.
    fn verb(words: Words) -> Text;

    /// Revokes it; returns what the next page says.
    fn revoke(
        app: &App,
        id: &str,
        reason: RevocationReason,
        actor: &Actor,
    ) -> impl Future<Output = Result<Notice>> + Send;
}

/// The form that asks for the reason.
#[derive(Debug)]
pub struct ReasonForm {
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Where it is sent.
    pub action: String,
    /// The page of what is not revoked after all.
    pub back: String,
    /// What the button says.
    pub verb: Text,
    /// What can be chosen.
    pub reasons: Vec<Choice>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    reason: String,
}

/// `GET .../{id}/revoke`: the question, and what follows from it.
pub async fn ask<R: Revocable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    question::<R>(&app, words, &signed_in, &id, FormErrors::none()).await
}

/// `POST .../{id}/revoke`
pub async fn revoke<R: Revocable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let Ok(reason) = chosen.reason.parse() else {
        let mut errors = FormErrors::none();
        errors.add_in_group("reason", "reason-key-compromise", words.revoke_no_reason());
        return question::<R>(&app, words, &signed_in, &id, errors).await;
    };
    // What has no page (the server's own certificates) cannot be revoked from here.
    R::read(&app, &id).await?;
    let done = R::revoke(&app, &id, reason, &signed_in.actor()).await?;
    signed_in.show_next(&done);
    Ok(Redirect::to(&format!("{}/{id}", R::PATH)).into_response())
}

async fn question<R: Revocable>(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    errors: FormErrors,
) -> Answer {
    let question = R::read(app, id).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = ReasonForm {
        errors,
        action: format!("{}/{id}/revoke", R::PATH),
        back: format!("{}/{id}", R::PATH),
        verb: R::verb(words),
        reasons: label::reasons(words),
    };
    let shell = signed_in.shell(app, words, R::SECTION);
    page_with(status, &R::page(words, shell, form, &question))
}
