//! A holder asks for another phone, and sees what became of it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::RequestState;
use enroll_server_service::admission::request::{self, NewRequest};
use enroll_server_service::error::Error;
use enroll_server_service::{App, query};

use super::guard::Me;
use crate::auth::form_token::FormToken;
use crate::portal::label;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::problem::Problem;
use crate::portal::requests::difference::{self, Row};
use crate::portal::view::{Choice, FormErrors, Moment, Tag};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "me/ask.html")]
struct AskPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    errors: FormErrors,
    policies: Vec<Choice>,
    policy: &'a str,
    note: &'a str,
}

/// What they ask for.
#[derive(Debug, Default, Deserialize)]
pub struct AskForm {
    #[serde(default)]
    policy: String,
    #[serde(default)]
    note: String,
}

fn form(app: &App, words: Words, me: Me, form: &AskForm, errors: FormErrors) -> Answer {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &AskPage {
            words,
            organisation: &app.organisation,
            csrf: me.form_token,
            errors,
            policies: query::enrollment_policies(app)
                .iter()
                .map(|policy| label::policy(words, policy))
                .collect(),
            policy: &form.policy,
            note: &form.note,
        },
    )
}

/// `GET /me/requests/new`
pub async fn ask(State(app): State<Arc<App>>, words: Words, me: Me) -> Answer {
    if !me.may_ask(&app) {
        return Err(Problem::nowhere());
    }
    let first = query::enrollment_policies(&app).first();
    let asked = AskForm {
        policy: first.map(|one| one.name.to_string()).unwrap_or_default(),
        note: String::new(),
    };
    form(&app, words, me, &asked, FormErrors::none())
}

/// `POST /me/requests/new`
pub async fn make(
    State(app): State<Arc<App>>,
    words: Words,
    me: Me,
    Form(asked): Form<AskForm>,
) -> Answer {
    let new = NewRequest {
        policy: asked.policy.clone(),
        reason: asked.note.clone(),
        came_by: me.came_by(),
    };
    match request::make(&app, &me.holder, new, &me.actor()).await {
        Ok(id) => Ok(Redirect::to(&format!("/me/requests/{id}")).into_response()),
        Err(refused @ Error::InvalidField { .. }) => {
            let mut errors = FormErrors::none();
            errors.add_refused(words, Some(refused));
            form(&app, words, me, &asked, errors)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "me/request.html")]
struct RequestPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    id: &'a str,
    name: &'a str,
    tag: Tag,
    sentence: Text,
    is_waiting: bool,
    /// Where the phone is added.
    invitation: Option<String>,
    reason: &'a str,
    refusal: &'a str,
    asked: Moment,
    until: Moment,
    rows: Vec<Row>,
}

/// `GET /me/requests/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    me: Me,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let found = query::own_request(&app, &me.holder, &id).await?;
    let token = query::invitation_of(&app, &found.request).await?;
    let organisation = &app.organisation;
    page(&RequestPage {
        words,
        organisation,
        csrf: me.form_token,
        id: &id,
        name: &me.holder.name,
        tag: label::request_tag(words, found.state),
        sentence: match found.state {
            RequestState::Waiting => words.me_request_waits(organisation, found.missing()),
            RequestState::Approved if token.is_some() => words.me_request_approved(organisation),
            RequestState::Approved => words.me_request_done(organisation),
            RequestState::Refused => words.me_request_refused(organisation),
            RequestState::Withdrawn => words.me_request_withdrawn(),
            RequestState::Expired => words.me_request_expired(organisation),
            RequestState::Closed => words.me_request_closed(organisation),
        },
        is_waiting: found.state == RequestState::Waiting,
        invitation: token.map(|token| format!("/invitation/{}", token.reveal())),
        reason: &found.request.reason,
        refusal: &found.request.note,
        asked: Moment::new(words, found.request.created, now),
        until: Moment::new(words, found.request.expires, now),
        rows: difference::rows(words, &found),
    })
}

/// `POST /me/requests/{id}/withdraw`
pub async fn withdraw(State(app): State<Arc<App>>, me: Me, Path(id): Path<String>) -> Answer {
    request::withdraw(&app, &me.holder.id, &id, &me.actor()).await?;
    Ok(Redirect::to(&format!("/me/requests/{id}")).into_response())
}
