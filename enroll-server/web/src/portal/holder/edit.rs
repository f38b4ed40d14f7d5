//! Correcting what was typed of a holder.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::error::Error;
use enroll_server_service::holder::{self as service, Edited, NewNames};
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
    language: &'a str,
    questions: Questions,
    sends_mail: bool,
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
        language: holder.language,
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
            language: &form.language,
            questions: Questions::default(),
            sends_mail: app.sends_mail,
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
    let language =
        Words::of(&form.language).unwrap_or_else(|| Words::of(&holder.language).unwrap_or(words));
    let language = language.language();
    let mut errors = form.mistakes(words);
    let mut questions = form.questions(None);
    if errors.is_empty() {
        let new = NewNames {
            name: form.name.clone(),
            email: form.email.clone(),
            upn: form.upn.clone(),
            language: language.to_owned(),
            system_account: form.accepted(),
            shared_mail: form.accepted_mail(),
        };
        match service::edit(&app, &id, new, &signed_in.actor()).await {
            Ok(edited) => {
                signed_in.show_next(&match edited {
                    Edited::Done { mailed } => Notice::HolderEdited { mailed },
                    Edited::Nothing => Notice::HolderNotEdited,
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
            language,
            questions,
            sends_mail: app.sends_mail,
        },
    )
}
