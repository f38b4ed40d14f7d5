//! Correcting what was typed of a holder.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::error::Error;
use enroll_server_service::holder::{self as service, NewNames};
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::person_form::{PersonForm, Questions};
use crate::portal::view::{FormErrors, Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "holders/edit.html")]
struct EditPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    holder: &'a str,
    name: &'a str,
    email: &'a str,
    upn: &'a str,
    questions: Questions,
}

/// `GET /holders/{id}/edit`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let holder = query::holder(&app, &id).await?.holder;
    let form = PersonForm {
        name: holder.name.clone(),
        email: holder.email,
        upn: holder.upn,
        ..PersonForm::default()
    };
    page_with(
        StatusCode::OK,
        &EditPage {
            words,
            shell: signed_in.shell(&app, words, Section::Holders),
            errors: FormErrors::none(),
            id: &id,
            holder: &holder.name,
            name: &form.name,
            email: &form.email,
            upn: &form.upn,
            questions: Questions::default(),
        },
    )
}

/// `POST /holders/{id}/edit`
pub async fn save(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<PersonForm>,
) -> Answer {
    let holder = query::holder(&app, &id).await?.holder;
    let mut errors = form.mistakes(words);
    let mut questions = form.questions(None);
    if errors.is_empty() {
        let new = NewNames {
            name: form.name.clone(),
            email: form.email.clone(),
            upn: form.upn.clone(),
            system_account: form.accepted(),
            shared_mail: form.accepted_mail(),
        };
        match service::edit(&app, &id, new, &signed_in.actor()).await {
            Ok(changed) => {
                signed_in.show_next(&if changed {
                    Notice::HolderEdited
                } else {
                    Notice::HolderNotEdited
                });
                return Ok(Redirect::to(&format!("/holders/{id}")).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => {
                questions = form.questions(Some(&refused));
                errors.add_refused(words, Some(refused));
            }
            Err(error) => return Err(error.into()),
        }
    }
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &EditPage {
            words,
            shell: signed_in.shell(&app, words, Section::Holders),
            errors,
            id: &id,
            holder: &holder.name,
            name: &form.name,
            email: &form.email,
            upn: &form.upn,
            questions,
        },
    )
}
