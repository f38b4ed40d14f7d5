//! All who work here.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    email: String,
    is_own: bool,
    role: Text,
    last_seen: Option<Moment>,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "colleagues/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    rows: Vec<Row>,
}

/// `GET /colleagues`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let now = app.clock.now();
    let own = &signed_in.session().administrator_id;
    let rows = query::colleagues(&app).await?.into_iter().map(|found| Row {
        role: label::role(words, found.administrator.role),
        last_seen: found.last_seen.map(|at| Moment::new(words, at, now)),
        tag: label::account_tag(words, found.administrator.state()),
        is_own: found.administrator.id == *own,
        id: found.administrator.id,
        name: found.administrator.name,
        email: found.administrator.email,
    });
    page(&ListPage {
        words,
        rows: rows.collect(),
        shell: signed_in.shell(&app, words, Section::Colleagues),
    })
}
