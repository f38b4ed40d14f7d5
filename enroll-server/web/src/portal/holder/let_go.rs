//! Letting a holder go, which ends their phones and invitations in one act, and taking one back.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::{HolderState, RevocationReason};
use enroll_server_service::holder as service;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, query, suspension};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::problem::Problem;
use crate::portal::revocation::{ReasonForm, Sent, reason_form};
use crate::portal::view::{FormErrors, Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "holders/let_go.html")]
struct LetGoPage<'a> {
    words: Words,
    shell: Shell,
    form: ReasonForm,
    name: &'a str,
    consequences: Vec<Text>,
}

/// `GET /holders/{id}/let-go`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let likeliest = RevocationReason::PrivilegeWithdrawn;
    let sent = Sent::of(likeliest);
    let before = Some((sent, FormErrors::none()));
    question(&app, words, &signed_in, &id, StatusCode::OK, before).await
}

/// `POST /holders/{id}/let-go`
pub async fn let_go(
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
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return question(&app, words, &signed_in, &id, status, Some((sent, errors))).await;
        }
    };
    let actor = signed_in.actor();
    let done = service::let_go(&app, &id, chosen.reason, chosen.note, &actor).await?;
    signed_in.show_next(&Notice::HolderLetGo {
        name: done.name,
        phones: done.phones,
        invitations: done.invitations,
    });
    Ok(Redirect::to(&format!("/holders/{id}")).into_response())
}

/// `POST /holders/{id}/take-back`
pub async fn take_back(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    suspension::take_back(&app, &id, &signed_in.actor()).await?;
    let name = query::holder_name(&app, &id).await?;
    signed_in.show_next(&Notice::HolderTakenBack { name });
    Ok(Redirect::to(&format!("/holders/{id}")).into_response())
}

async fn question(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    status: StatusCode,
    before: Option<(Sent, FormErrors)>,
) -> Answer {
    let found = query::holder(app, id).await?;
    let holder = &found.holder;
    if holder.state == HolderState::Gone {
        let refused = enroll_server_service::error::Error::from(Conflict::HolderGone);
        return Err(Problem::from(refused));
    }
    let now = app.clock.now();
    let phones = usize::try_from(holder.phones).unwrap_or_default();
    let path = format!("/holders/{id}/let-go");
    let mut form = reason_form(words, path, words.let_go_submit(), Vec::new(), before);
    form.keep = words.remove_keep();
    page_with(
        status,
        &LetGoPage {
            words,
            shell: signed_in.shell(app, words, Section::Holders),
            form,
            name: &holder.name,
            consequences: vec![
                words.let_go_phones(phones),
                words.remove_consequence(found.open_invitations(now)),
                words.let_go_at_once(),
                words.let_go_earlier(),
                words.let_go_final(),
            ],
        },
    )
}
