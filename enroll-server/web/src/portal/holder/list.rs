//! The list of people.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_service::App;
use enroll_server_service::query::{self, HolderFilter, HolderSummary};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Filter, Moment, Pager, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    tag: Option<Tag>,
    email: String,
    upn: String,
    phones: i64,
    next_end: Option<Moment>,
}

#[derive(Template)]
#[template(path = "holders/list.html")]
struct ListPage<'a> {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
    filters: Vec<Filter>,
    filtered: bool,
    query: &'a str,
    rows: Vec<Row>,
    pager: Pager,
}

/// Filters by their word in the address.
fn filters(words: Words) -> [(&'static str, Text, HolderFilter); 5] {
    [
        ("", words.filter_all(), HolderFilter::All),
        (
            "without-phone",
            words.holders_without_phone(),
            HolderFilter::WithoutPhone,
        ),
        (
            "several-phones",
            words.holders_several_phones(),
            HolderFilter::SeveralPhones,
        ),
        (
            "suspended",
            words.state_suspended(),
            HolderFilter::Suspended,
        ),
        ("gone", words.state_gone(), HolderFilter::Gone),
    ]
}

/// `GET /holders`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let filters = filters(words);
    let (chosen, filter) = filters
        .iter()
        .find(|(word, ..)| *word == address.state)
        .map_or(("", HolderFilter::All), |(word, _, filter)| {
            (*word, *filter)
        });
    let list = List::new("/holders", &address).filtered("state", chosen);
    let found = query::holders(&app, filter, list.query(), list.after().as_ref()).await?;
    let pager = list.pager(&found);
    let empty = found.rows.is_empty();
    let rows = found
        .rows
        .into_iter()
        .map(|HolderSummary { holder, next_end }| Row {
            tag: label::holder_tag(words, holder.state),
            phones: holder.phones,
            next_end: next_end.map(|end| Moment::new(words, end, now)),
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
        filters: list.filters(filters.into_iter().map(|(word, label, _)| (word, label))),
        filtered: list.is_narrowed(),
        query: list.query(),
        rows: rows.collect(),
        pager,
    })
}
