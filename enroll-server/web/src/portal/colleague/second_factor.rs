//! Removing the second factor of a colleague who lost it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::{App, authenticator, colleague as service, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "colleagues/second_factor.html")]
struct RemovePage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
}

/// `GET /colleagues/{id}/second-factor`: the question, as long as there is something to remove.
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
    if authenticator::of(&app, &id).await?.is_none() {
        return Err(Error::from(Conflict::SecondFactorOff).into());
    }
    page(&RemovePage {
        words,
        shell: signed_in.shell(&app, words, Section::Colleagues),
        id: &id,
        name: &account.name,
    })
}

/// `POST /colleagues/{id}/second-factor`: removes it.
pub async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::remove_second_factor(&app, &id, &signed_in.actor()).await?;
    let name = query::account(&app, &id).await?.name;
    signed_in.show_next(&Notice::ColleagueFactorRemoved { name });
    Ok(Redirect::to(&format!("/colleagues/{id}")).into_response())
}
