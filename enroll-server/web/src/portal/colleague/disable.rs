//! Disabling an account, and enabling it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_model::AccountState;
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, colleague as service, passkey, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "colleagues/disable.html")]
struct DisablePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
}

/// `GET /colleagues/{id}/disable`: the question, as long as there is something to disable.
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
    if account.state() == AccountState::Disabled {
        return Err(Error::from(Conflict::AccountDisabled).into());
    }
    page(&DisablePage {
        words,
        shell: signed_in.shell(&app, words, Section::Colleagues),
        id: &id,
        name: &account.name,
    })
}

/// `POST /colleagues/{id}/disable`
pub async fn disable(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::disable(&app, &id, &signed_in.actor()).await?;
    let name = query::account(&app, &id).await?.name;
    signed_in.show_next(&Notice::ColleagueDisabled { name });
    Ok(Redirect::to(&format!("/colleagues/{id}")).into_response())
}

/// `POST /colleagues/{id}/enable`
pub async fn enable(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::enable(&app, &id, &signed_in.actor()).await?;
    let name = query::account(&app, &id).await?.name;
    let passkeys = passkey::count(&app, &id).await?;
    signed_in.show_next(&Notice::ColleagueEnabled { name, passkeys });
    Ok(Redirect::to(&format!("/colleagues/{id}")).into_response())
}
