//! Inviting a colleague.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_model::Role;
use enroll_server_service::colleague::{self as service, NewColleague};
use enroll_server_service::error::Error;
use enroll_server_service::{App, person};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::portal::{label, link_cookie};
use crate::words::Words;

/// The form.
#[derive(Debug, Default, Deserialize)]
pub struct ColleagueForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Template)]
#[template(path = "colleagues/new.html")]
struct NewPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    email: &'a str,
    role: &'a str,
    roles: Vec<Choice>,
}

/// `GET /colleagues/new`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    page(&NewPage {
        words,
        shell: signed_in.shell(&app, words, Section::Colleagues),
        errors: FormErrors::none(),
        name: "",
        email: "",
        role: Role::Officer.as_str(),
        roles: label::roles(words),
    })
}

/// `POST /colleagues/new`: adds the account and shows its link.
pub async fn invite(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<ColleagueForm>,
) -> Answer {
    let mut errors = FormErrors::none();
    errors.add_refused(words, person::person_name(&form.name).err());
    errors.add_refused(words, person::mail_address(&form.email).err());
    let role: Option<Role> = form.role.parse().ok();
    if role.is_none() {
        let first = format!("role-{}", Role::Administrator);
        errors.add_in_group("role", first, words.role_choose());
    }
    if let (true, Some(role)) = (errors.is_empty(), role) {
        let new = NewColleague {
            name: form.name.clone(),
            email: form.email.clone(),
            role,
        };
        match service::invite(&app, new, &signed_in.actor()).await {
            Ok((added, token)) => {
                let path = format!("/colleagues/{}", added.id);
                signed_in.show_next(&Notice::ColleagueInvited { name: added.name });
                let jar = link_cookie::add(jar, &path, &token);
                return Ok((jar, Redirect::to(&path)).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => errors.add_refused(words, Some(refused)),
            Err(error) => return Err(error.into()),
        }
    }
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &NewPage {
            words,
            shell: signed_in.shell(&app, words, Section::Colleagues),
            errors,
            name: &form.name,
            email: &form.email,
            role: &form.role,
            roles: label::roles(words),
        },
    )
}
