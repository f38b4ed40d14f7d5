//! The list of phones.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::PhoneState;
use enroll_server_service::App;
use enroll_server_service::query;

use super::row::PhoneRow;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Filter, Pager, Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "phones/list.html")]
struct ListPage<'a> {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
    query: &'a str,
    filters: Vec<Filter>,
    filtered: bool,
    phones: Vec<PhoneRow>,
    with_holder: bool,
    pager: Pager,
}

/// `GET /phones`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let state: Option<PhoneState> = address.state.parse().ok();
    let list =
        List::new("/phones", &address).filtered("state", state.map_or("", PhoneState::as_str));
    let found = query::phones(&app, state, list.query(), list.after().as_ref()).await?;
    let filters = PhoneState::ALL
        .iter()
        .map(|state| (state.as_str(), label::phone_state(words, *state)));
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Phones),
        query: list.query(),
        filters: list.filters([("", words.filter_all())].into_iter().chain(filters)),
        title: words.phones_title(),
        empty: found.rows.is_empty(),
        filtered: list.is_narrowed(),
        pager: list.pager(&found),
        phones: found
            .rows
            .into_iter()
            .map(|row| PhoneRow::new(words, row.phone, row.holder_name, now))
            .collect(),
        with_holder: true,
    })
}
