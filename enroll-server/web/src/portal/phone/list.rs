//! The list of phones.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use enroll_server_model::PhoneState;
use enroll_server_service::App;
use enroll_server_service::query::{self, After};

use super::PhoneRow;
use crate::portal::address;
use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page};
use crate::portal::paging;
use crate::portal::view::{Filter, Pager, Section, Shell};
use crate::words::Words;

const PATH: &str = "/phones";

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "phones/list.html")]
struct ListPage<'a> {
    words: Words,
    shell: Shell,
    query: &'a str,
    filters: Vec<Filter>,
    filtered: bool,
    phones: Vec<PhoneRow>,
    with_holder: bool,
    pager: Pager,
}

fn filters(words: Words, chosen: Option<PhoneState>, query: &str) -> Vec<Filter> {
    [
        (None, words.filter_all()),
        (Some(PhoneState::Active), words.state_active()),
        (Some(PhoneState::Revoked), words.state_revoked()),
    ]
    .into_iter()
    .map(|(state, label)| Filter {
        href: address::with_query(
            PATH,
            &[
                ("q", query),
                ("state", state.map_or("", PhoneState::as_str)),
            ],
        ),
        label,
        current: state == chosen,
    })
    .collect()
}

/// `GET /phones`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let query = wanted.q.trim();
    let state: Option<PhoneState> = wanted.state.parse().ok();
    let after = paging::read(&wanted.after);
    let mut found = query::phones(&app, state, query, after.as_ref(), paging::limit()).await?;
    let parameters = [
        ("q", query),
        ("state", state.map_or("", PhoneState::as_str)),
    ];
    let pager = paging::cut(&mut found, PATH, &parameters, after.is_none(), |row| {
        After {
            key: row.phone.created,
            id: row.phone.id.clone(),
        }
    });
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Phones).await?,
        query,
        filters: filters(words, state, query),
        filtered: state.is_some() || !query.is_empty(),
        phones: found
            .into_iter()
            .map(|row| PhoneRow::new(words, row.phone, row.holder_name, now))
            .collect(),
        with_holder: true,
        pager,
    })
}
