//! One token of the API; its text in the browser that made it alone.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum_extra::extract::cookie::CookieJar;
use zeroize::Zeroizing;

use enroll_server_service::{App, api_token as service, query};

use super::state::{scope_names, tag};
use crate::portal::guard::SignedIn;
use crate::portal::link_cookie;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::Words;

#[derive(Template)]
#[template(path = "api_tokens/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    tag: Tag,
    works: bool,
    /// The token, if this browser made it not long ago.
    text: Option<Zeroizing<String>>,
    scopes: String,
    made_by: &'a str,
    created: Moment,
    expires: Moment,
    last_used: Option<Moment>,
}

/// `GET /api-tokens/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
) -> Answer {
    let now = app.clock.now();
    let found = query::api_token(&app, &id).await?;
    let text = match link_cookie::token(&jar, &format!("/api-tokens/{id}")) {
        Some(token) => service::text_of(&app, &id, &token).await?,
        None => None,
    };
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::ApiTokens),
        id: &id,
        name: &found.name,
        tag: tag(words, &found, now),
        works: service::works(&found, now),
        text,
        scopes: scope_names(words, &found),
        made_by: &found.created_by,
        created: Moment::new(words, found.created, now),
        expires: Moment::new(words, found.expires, now),
        last_used: found.last_used.map(|at| Moment::new(words, at, now)),
    })
}
