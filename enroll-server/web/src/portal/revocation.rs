//! Revoking a phone or a certificate: the question with what follows from it, and the answer with its reason. What is
//! revoked differs, the flow does not.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::{Actor, PhoneState, RevocationReason, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::note;
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
        chosen: Chosen,
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
    /// What is.
    pub chosen: String,
    /// What whoever does it has to say.
    pub note: String,
    /// What the link says that leaves all as it is.
    pub keep: Text,
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
            // What is to take a phone's place is wanted all the more.
            chosen: chosen && one.replaces.is_none(),
        });
        let phones = rest.phones.iter().map(|one| Self {
            also: Also::Phone(one.id.clone()),
            name: words.revoke_also_phone(&one.name),
            note: match one.state {
                PhoneState::Suspended => {
                    words.revoke_also_phone_suspended_note(relative(one.created))
                }
                PhoneState::Active | PhoneState::Revoked => {
                    words.revoke_also_phone_note(relative(one.created))
                }
            },
            chosen,
        });
        invitations.chain(phones).collect()
    }
}

/// Why something is revoked, and what else ends with it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The reason.
    pub reason: RevocationReason,
    /// What whoever does it has to say.
    pub note: String,
    /// What else ends.
    pub also: Vec<Also>,
}

/// The end of this and of what else was chosen.
#[must_use]
pub fn ending(subject: Subject, chosen: Chosen) -> Ending {
    let mut ending = Ending::of(subject, chosen.reason);
    ending.note = chosen.note;
    for one in chosen.also {
        match one {
            Also::Phone(id) => ending.phones.push(id),
            Also::Invitation(id) => ending.invitations.push(id),
        }
    }
    ending
}

/// What the form sends.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    reason: String,
    note: String,
    also: Vec<Also>,
}

impl Sent {
    /// A form in which this reason is chosen.
    #[must_use]
    pub fn of(reason: RevocationReason) -> Self {
        Self {
            reason: reason.to_string(),
            ..Self::default()
        }
    }

    /// The fields of the form.
    #[must_use]
    pub fn new(fields: Vec<(String, String)>) -> Self {
        let mut sent = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "reason" => sent.reason = value,
                "note" => sent.note = value,
                PHONE => sent.also.push(Also::Phone(value)),
                INVITATION => sent.also.push(Also::Invitation(value)),
                _ => {}
            }
        }
        sent
    }

    /// What was chosen.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(&self, words: Words) -> std::result::Result<Chosen, FormErrors> {
        let mut errors = FormErrors::none();
        let reason = self.reason.parse().ok();
        let reason = reason.filter(|reason: &RevocationReason| reason.is_final());
        if reason.is_none() {
            errors.add_in_group("reason", "reason-key-compromise", words.revoke_no_reason());
        }
        let note = note::read(&self.note);
        match (reason, note) {
            (Some(reason), Ok(note)) => Ok(Chosen {
                reason,
                note,
                also: self.also.clone(),
            }),
            (_, note) => {
                errors.add_refused(words, note.err());
                Err(errors)
            }
        }
    }
}

/// The form for a reason, as it is at first, or as it was sent with what is wrong with it.
#[must_use]
pub fn reason_form(
    words: Words,
    path: String,
    verb: Text,
    mut also: Vec<AlsoChoice>,
    before: Option<(Sent, FormErrors)>,
) -> ReasonForm {
    let mut errors = FormErrors::none();
    let mut sent = Sent::default();
    if let Some((before, wrong)) = before {
        for choice in &mut also {
            choice.chosen = before.also.contains(&choice.also);
        }
        (sent, errors) = (before, wrong);
    }
    ReasonForm {
        errors,
        back: path
            .rsplit_once('/')
            .map_or("", |(back, _)| back)
            .to_owned(),
        action: path,
        verb,
        reasons: label::reasons(words),
        chosen: sent.reason,
        note: sent.note,
        keep: words.revoke_keep(),
        also,
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
    let sent = Sent::new(fields);
    let chosen = match sent.read(words) {
        Ok(chosen) => chosen,
        Err(errors) => {
            return question::<R>(&app, words, &signed_in, &id, Some((sent, errors))).await;
        }
    };
    // What has no page (the server's own certificates) cannot be revoked from here.
    R::read(&app, &id).await?;
    let done = R::revoke(&app, &id, chosen, &signed_in.actor()).await?;
    signed_in.show_next(&done);
    Ok(Redirect::to(&format!("{}/{id}", R::PATH)).into_response())
}

async fn question<R: Revocable>(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    before: Option<(Sent, FormErrors)>,
) -> Answer {
    let question = R::read(app, id).await?;
    let status = if before.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let also = R::also(words, &question, app.clock.now());
    let path = format!("{}/{id}/revoke", R::PATH);
    let form = reason_form(words, path, R::verb(words), also, before);
    let shell = signed_in.shell(app, words, R::SECTION);
    page_with(status, &R::page(words, shell, form, &question))
}
