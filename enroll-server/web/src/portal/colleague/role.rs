//! Changing what a colleague may do.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::Role;
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, colleague as service, query};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::Words;

/// The form.
#[derive(Debug, Default, Deserialize)]
pub struct RoleForm {
    #[serde(default)]
    role: String,
}

#[derive(Template)]
#[template(path = "colleagues/role.html")]
struct RolePage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    name: &'a str,
    role: &'a str,
    roles: Vec<Choice>,
}

/// `GET /colleagues/{id}/role`
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let account = query::account(&app, &id).await?;
    if account.id == signed_in.session().administrator_id {
        return Err(Error::from(Conflict::AccountOwn).into());
    }
    page_with(
        StatusCode::OK,
        &RolePage {
            words,
            shell: signed_in.shell(&app, words, Section::Colleagues),
            errors: FormErrors::none(),
            id: &id,
            name: &account.name,
            role: account.role.as_str(),
            roles: label::roles(words),
        },
    )
}

/// `POST /colleagues/{id}/role`
pub async fn change(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<RoleForm>,
) -> Answer {
    let name = query::account(&app, &id).await?.name;
    let Ok(role) = form.role.parse::<Role>() else {
        let mut errors = FormErrors::none();
        let first = format!("role-{}", Role::Administrator);
        errors.add_in_group("role", first, words.role_choose());
        return page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &RolePage {
                words,
                shell: signed_in.shell(&app, words, Section::Colleagues),
                errors,
                id: &id,
                name: &name,
                role: "",
                roles: label::roles(words),
            },
        );
    };
    let has_changed = service::change_role(&app, &id, role, &signed_in.actor()).await?;
    signed_in.show_next(&if has_changed {
        Notice::RoleChanged { name, role }
    } else {
        Notice::RoleNotChanged
    });
    Ok(Redirect::to(&format!("/colleagues/{id}")).into_response())
}
