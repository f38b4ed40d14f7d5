//! The list of holders.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_service::App;
use enroll_server_service::query;

use crate::portal::guard::SignedIn;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Pager, Section, Shell};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    email: String,
    upn: String,
    created: Moment,
}

#[derive(Template)]
#[template(path = "holders/list.html")]
struct ListPage<'a> {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
    filtered: bool,
    query: &'a str,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /holders`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let list = List::new("/holders", &address);
    let found = query::holders(&app, list.query(), list.after().as_ref()).await?;
    let pager = list.pager(&found);
    let empty = found.rows.is_empty();
    let rows = found.rows.into_iter().map(|holder| Row {
        created: Moment::new(words, holder.created, now),
        id: holder.id,
        name: holder.name,
        email: holder.email,
        upn: holder.upn,
    });
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders),
        title: words.holders_title(),
        empty,
        filtered: list.is_narrowed(),
        query: list.query(),
        rows: rows.collect(),
        pager,
    })
}
