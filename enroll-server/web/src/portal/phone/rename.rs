//! Giving a phone another name.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_service::error::Error;
use enroll_server_service::{App, phone_name, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::view::{FormErrors, Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "phones/rename.html")]
struct RenamePage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    phone: &'a str,
    holder: &'a str,
    name: &'a str,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

/// `GET /phones/{id}/rename`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::phone(&app, &id).await?.phone;
    page_with(
        StatusCode::OK,
        &RenamePage {
            words,
            shell: signed_in.shell(&app, words, Section::Phones),
            errors: FormErrors::none(),
            id: &id,
            phone: &found.phone.name,
            holder: &found.holder_name,
            name: &found.phone.name,
        },
    )
}

/// `POST /phones/{id}/rename`
pub async fn save(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<NameForm>,
) -> Answer {
    let refused = match phone_name::rename(&app, &id, &form.name, &signed_in.actor()).await {
        Ok(has_changed) => {
            signed_in.show_next(&if has_changed {
                Notice::PhoneRenamed
            } else {
                Notice::PhoneNotRenamed
            });
            return Ok(Redirect::to(&format!("/phones/{id}")).into_response());
        }
        Err(refused @ Error::InvalidField { .. }) => refused,
        Err(error) => return Err(error.into()),
    };
    let found = query::phone(&app, &id).await?.phone;
    let mut errors = FormErrors::none();
    errors.add_refused(words, Some(refused));
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &RenamePage {
            words,
            shell: signed_in.shell(&app, words, Section::Phones),
            errors,
            id: &id,
            phone: &found.phone.name,
            holder: &found.holder_name,
            name: &form.name,
        },
    )
}
