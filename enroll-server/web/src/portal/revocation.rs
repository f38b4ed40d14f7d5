//! Revoking a phone or a certificate: the question with what follows from it, and the answer with its reason. What is
//! revoked differs, the flow does not.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::{Actor, RevocationReason, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::Rest;
use enroll_server_service::revocation::{Ending, Subject};

use super::guard::SignedIn;
use super::label;
use super::notice::Notice;
use super::page::{Answer, page_with};
use super::view::{Choice, FormErrors, Moment, Section, Shell};
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

    /// What else can end with it.
    fn also(words: Words, question: &Self::Question, now: Timestamp) -> Vec<AlsoChoice>;

    /// Revokes it, and what of the rest was chosen; returns what the next page says.
    fn revoke(
        app: &App,
        id: &str,
        reason: RevocationReason,
        also: Vec<Also>,
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
    /// What else can end with it.
    pub also: Vec<AlsoChoice>,
}

/// Something else that can end, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Also {
    /// Another phone of the holder's.
    Phone(String),
    /// An invitation of the holder's.
    Invitation(String),
}

impl Also {
    /// The name of its field in the form.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Phone(_) => PHONE,
            Self::Invitation(_) => INVITATION,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Phone(id) | Self::Invitation(id) => id,
        }
    }
}

const PHONE: &str = "phone";
const INVITATION: &str = "invitation";

/// Something else that can end, in the form.
#[derive(Debug)]
pub struct AlsoChoice {
    /// What it is.
    pub also: Also,
    /// What it is called.
    pub name: Text,
    /// What there is to know of it.
    pub note: Text,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl AlsoChoice {
    /// What else can end, chosen at first or not.
    #[must_use]
    pub fn of(words: Words, rest: &Rest, chosen: bool, now: Timestamp) -> Vec<Self> {
        let relative = |at| Moment::new(words, at, now).relative();
        let invitations = rest.invitations.iter().map(|one| Self {
            also: Also::Invitation(one.id.clone()),
            name: words.revoke_also_invitation(relative(one.created)),
            note: words.revoke_also_invitation_note(&one.created_by, relative(one.expires)),
            chosen,
        });
        let phones = rest.phones.iter().map(|one| Self {
            also: Also::Phone(one.id.clone()),
            name: words.revoke_also_phone(&one.name),
            note: words.revoke_also_phone_note(relative(one.created)),
            chosen,
        });
        invitations.chain(phones).collect()
    }
}

/// The end of this and of what else was chosen.
#[must_use]
pub fn ending(subject: Subject, reason: RevocationReason, also: Vec<Also>) -> Ending {
    let mut ending = Ending::of(subject, reason);
    for one in also {
        match one {
            Also::Phone(id) => ending.phones.push(id),
            Also::Invitation(id) => ending.invitations.push(id),
        }
    }
    ending
}

/// What the form sends.
#[derive(Debug, Default)]
struct Chosen {
    reason: String,
    also: Vec<Also>,
}

impl Chosen {
    fn new(fields: Vec<(String, String)>) -> Self {
        let mut chosen = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "reason" => chosen.reason = value,
                PHONE => chosen.also.push(Also::Phone(value)),
                INVITATION => chosen.also.push(Also::Invitation(value)),
                _ => {}
            }
        }
        chosen
    }
}

/// `GET .../{id}/revoke`: the question, and what follows from it.
pub async fn ask<R: Revocable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    question::<R>(&app, words, &signed_in, &id, None).await
}

/// `POST .../{id}/revoke`
pub async fn revoke<R: Revocable>(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let chosen = Chosen::new(fields);
    let Ok(reason) = chosen.reason.parse() else {
        return question::<R>(&app, words, &signed_in, &id, Some(chosen)).await;
    };
    // What has no page (the server's own certificates) cannot be revoked from here.
    R::read(&app, &id).await?;
    let done = R::revoke(&app, &id, reason, chosen.also, &signed_in.actor()).await?;
    signed_in.show_next(&done);
    Ok(Redirect::to(&format!("{}/{id}", R::PATH)).into_response())
}

async fn question<R: Revocable>(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    without_reason: Option<Chosen>,
) -> Answer {
    let question = R::read(app, id).await?;
    let mut also = R::also(words, &question, app.clock.now());
    let mut errors = FormErrors::none();
    let mut status = StatusCode::OK;
    if let Some(chosen) = without_reason {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        errors.add_in_group("reason", "reason-key-compromise", words.revoke_no_reason());
        for choice in &mut also {
            choice.chosen = chosen.also.contains(&choice.also);
        }
    }
    let form = ReasonForm {
        errors,
        action: format!("{}/{id}/revoke", R::PATH),
        back: format!("{}/{id}", R::PATH),
        verb: R::verb(words),
        reasons: label::reasons(words),
        also,
    };
    let shell = signed_in.shell(app, words, R::SECTION);
    page_with(status, &R::page(words, shell, form, &question))
}
