//! All tokens of the API.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::query::{self, ApiToken};

use super::state::{scope_names, tag};
use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::Words;

struct Row {
    id: String,
    name: String,
    scopes: String,
    tag: Tag,
    expires: Moment,
    last_used: Option<Moment>,
}

impl Row {
    fn new(words: Words, token: ApiToken, now: Timestamp) -> Self {
        Self {
            scopes: scope_names(words, &token),
            tag: tag(words, &token, now),
            expires: Moment::new(words, token.expires, now),
            last_used: token.last_used.map(|at| Moment::new(words, at, now)),
            id: token.id,
            name: token.name,
        }
    }
}

#[derive(Template)]
#[template(path = "api_tokens/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    rows: Vec<Row>,
}

/// `GET /api-tokens`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let now = app.clock.now();
    let rows = query::api_tokens(&app).await?.into_iter();
    page(&ListPage {
        words,
        rows: rows.map(|token| Row::new(words, token, now)).collect(),
        shell: signed_in.shell(&app, words, Section::ApiTokens),
    })
}
