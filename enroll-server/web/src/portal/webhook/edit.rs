//! Adding a webhook, and changing where it is told and of what.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::ObjectKind;
use enroll_server_service::{App, query, webhook as service};

use super::form::{Object, WebhookForm, objects};
use crate::portal::guard::SignedIn;
use crate::portal::link_cookie;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::view::{FormErrors, Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "webhooks/edit.html")]
struct EditPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    title: Text,
    submit: Text,
    /// Where the form goes.
    action: &'a str,
    /// Where whoever changes nothing goes.
    back: &'a str,
    url: &'a str,
    objects: Vec<Object>,
}

impl<'a> EditPage<'a> {
    fn to_add(words: Words, shell: Shell, form: &'a WebhookForm, errors: FormErrors) -> Self {
        Self {
            words,
            shell,
            errors,
            title: words.webhooks_add(),
            submit: words.webhook_add_submit(),
            action: "/webhooks/new",
            back: "/webhooks",
            url: &form.url,
            objects: objects(words, &form.objects),
        }
    }
}

/// `GET /webhooks/new`
pub async fn new(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let form = WebhookForm {
        url: String::new(),
        objects: vec![
            ObjectKind::Holder,
            ObjectKind::Phone,
            ObjectKind::Certificate,
        ],
    };
    let shell = signed_in.shell(&app, words, Section::Webhooks);
    page(&EditPage::to_add(words, shell, &form, FormErrors::none()))
}

/// `POST /webhooks/new`: adds it and shows its secret.
pub async fn add(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let form = WebhookForm::read(fields);
    let errors = form.mistakes(words);
    if !errors.is_empty() {
        let shell = signed_in.shell(&app, words, Section::Webhooks);
        let again = EditPage::to_add(words, shell, &form, errors);
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    let id = service::add(&app, form.webhook(), &signed_in.actor()).await?;
    signed_in.show_next(&Notice::WebhookAdded);
    let path = format!("/webhooks/{id}");
    let token = service::page_token(&app, &id).await?;
    let jar = link_cookie::add(jar, &path, &token);
    Ok((jar, Redirect::to(&path)).into_response())
}

/// `GET /webhooks/{id}/edit`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::webhook(&app, &id).await?;
    let form = WebhookForm {
        url: found.url,
        objects: found.objects,
    };
    edit(&app, words, &signed_in, &id, &form, FormErrors::none())
}

/// `POST /webhooks/{id}/edit`
pub async fn save(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let form = WebhookForm::read(fields);
    let errors = form.mistakes(words);
    if !errors.is_empty() {
        query::webhook(&app, &id).await?;
        return edit(&app, words, &signed_in, &id, &form, errors);
    }
    service::change(&app, &id, form.webhook(), &signed_in.actor()).await?;
    signed_in.show_next(&Notice::WebhookChanged);
    Ok(Redirect::to(&format!("/webhooks/{id}")).into_response())
}

fn edit(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    form: &WebhookForm,
    errors: FormErrors,
) -> Answer {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &EditPage {
            words,
            shell: signed_in.shell(app, words, Section::Webhooks),
            errors,
            title: words.webhook_edit(),
            submit: words.webhook_edit_submit(),
            action: &format!("/webhooks/{id}/edit"),
            back: &format!("/webhooks/{id}"),
            url: &form.url,
            objects: objects(words, &form.objects),
        },
    )
}
