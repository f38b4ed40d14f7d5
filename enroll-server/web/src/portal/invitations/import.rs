//! Inviting the people of a file: it is read, every line is looked at, and only if all can be invited is it asked whether they
//! are to be.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use enroll_server_model::BulkAct;
use enroll_server_service::admission::bulk::{self, Guest};
use enroll_server_service::selection::{Chosen, MOST_INVITED};
use enroll_server_service::{App, query};

use super::guests::{self, Unreadable};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::selection;
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::{Text, Words};

/// What is wrong with a line.
struct LineError {
    number: u64,
    name: String,
    why: Text,
}

#[derive(Template)]
#[template(path = "invitations/import.html")]
struct ImportPage {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    most: usize,
    line_errors: Vec<LineError>,
    people: String,
    profile: String,
    profiles: Vec<Choice>,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct ImportForm {
    #[serde(default)]
    people: String,
    #[serde(default)]
    profile: String,
}

fn import_page(
    app: &App,
    words: Words,
    shell: Shell,
    form: ImportForm,
    errors: FormErrors,
    line_errors: Vec<LineError>,
) -> ImportPage {
    let policies = query::enrollment_policies(app);
    ImportPage {
        words,
        shell,
        errors,
        most: MOST_INVITED,
        line_errors,
        people: form.people,
        profile: if form.profile.is_empty() {
            policies
                .first()
                .map(|first| first.name.to_string())
                .unwrap_or_default()
        } else {
            form.profile
        },
        profiles: policies
            .iter()
            .map(|policy| label::policy(words, policy))
            .collect(),
    }
}

/// `GET /invitations/import`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let shell = signed_in.shell(&app, words, Section::Invitations);
    let form = ImportForm::default();
    page(&import_page(
        &app,
        words,
        shell,
        form,
        FormErrors::none(),
        Vec::new(),
    ))
}

/// `POST /invitations/import`: looks at every line, and asks whether all are to be invited.
pub async fn read(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(form): Form<ImportForm>,
) -> Answer {
    let mut errors = FormErrors::none();
    let mut line_errors = Vec::new();
    let policy = query::enrollment_policy(&app, &form.profile);
    if policy.is_none() {
        errors.add("profile", words.new_invitation_no_policy());
    }
    match (guests::read(words, &form.people), policy) {
        (Err(unreadable), _) => errors.add("people", said(words, &unreadable)),
        (Ok(lines), _) if lines.len() > MOST_INVITED => {
            errors.add("people", words.import_too_many(lines.len(), MOST_INVITED));
        }
        (Ok(_), None) => {}
        (Ok(lines), Some(policy)) => {
            let guests: Vec<Guest> = lines.iter().map(|line| line.guest.clone()).collect();
            let refused = bulk::look(&app, &guests, policy, &signed_in.actor()).await?;
            if refused.is_empty() {
                let chosen = Chosen::Guests {
                    guests,
                    policy: policy.name.to_string(),
                };
                return selection::choose(&app, &signed_in, BulkAct::Import, chosen).await;
            }
            errors.add("people", words.import_lines_wrong(refused.len()));
            line_errors = refused
                .into_iter()
                .filter_map(|(place, error)| {
                    let line = lines.get(place)?;
                    Some(LineError {
                        number: line.number,
                        name: line.guest.name.clone(),
                        why: words.refusal(&error),
                    })
                })
                .collect();
        }
    }
    let shell = signed_in.shell(&app, words, Section::Invitations);
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &import_page(&app, words, shell, form, errors, line_errors),
    )
}

fn said(words: Words, unreadable: &Unreadable) -> Text {
    match unreadable {
        Unreadable::Empty => words.import_empty(),
        Unreadable::NoColumn(column) => words.import_no_column(*column),
        Unreadable::Line(number) => words.import_line_unreadable(*number),
        Unreadable::Language(number) => words.import_language_unknown(*number),
    }
}
