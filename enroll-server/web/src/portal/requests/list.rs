//! The list of what holders ask for.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::{RequestState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Page, RequestSummary, Wanted};

use crate::portal::export::{self, Export, Lines, all_after};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{ListView, Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    reason: String,
    tag: Tag,
    asked: Moment,
    /// Until when it waits; none of one that has ended.
    until: Option<Moment>,
}

#[derive(Template)]
#[template(path = "requests/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    rows: Vec<Row>,
}

fn row(words: Words, summary: RequestSummary, now: Timestamp) -> Row {
    let request = summary.request;
    Row {
        tag: label::request_tag(words, request.state_at(now)),
        asked: Moment::new(words, request.created, now),
        until: (request.state == RequestState::Waiting)
            .then(|| Moment::new(words, request.expires, now)),
        id: request.id,
        name: summary.holder_name,
        reason: request.reason,
    }
}

const COLUMNS: [(&str, (), bool); 1] = [("asked", (), true)];

/// What the list's address asks for.
struct Asked {
    list: List,
    state: Option<RequestState>,
    descending: bool,
}

impl Asked {
    fn new(words: Words, address: &ListAddress) -> Self {
        let state: Option<RequestState> = address.state.parse().ok();
        let states = RequestState::ALL
            .iter()
            .map(|state| (state.as_str(), label::request_state(words, *state)));
        let choices = [("", words.filter_all())].into_iter().chain(states);
        let chosen = state.map_or("", RequestState::as_str);
        let list = List::new("/requests", address).filtered("state", chosen, choices);
        let (list, sorting) = list.sorted(address, &COLUMNS);
        Self {
            list,
            state,
            descending: sorting.is_none_or(|sorting| sorting.descending),
        }
    }

    async fn read(&self, app: &App, wanted: Wanted<'_>) -> Result<Page<RequestSummary>> {
        query::requests(app, self.state, self.list.query(), self.descending, wanted).await
    }
}

/// `GET /requests`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address);
    let found = asked.read(&app, asked.list.wanted()).await?;
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Requests),
        title: words.requests_title(),
        list: asked.list.around(words, &found),
        rows: found
            .rows
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
    })
}

/// `GET /requests.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Arc::new(Asked::new(words, &address));
    let file = Export {
        name: "requests",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.label_holder(),
            words.label_email(),
            words.label_upn_short(),
            words.label_state(),
            words.requests_asked(),
            words.request_reason(),
            words.request_until(),
            words.request_ended(),
            words.approvals_by(),
            words.request_note(),
        ],
    };
    file.start(
        app,
        signed_in.actor(),
        export::Form::Csv,
        move |app, from| {
            let asked = asked.clone();
            async move {
                let page = asked.read(&app, all_after(from.as_ref())).await?;
                Ok(Lines::of(&page, |row| {
                    let request = &row.request;
                    vec![
                        row.holder_name.clone(),
                        row.holder_email.clone(),
                        row.holder_upn.clone(),
                        label::request_state(words, request.state_at(now)).into_owned(),
                        request.created.rfc3339(),
                        request.reason.clone(),
                        request.expires.rfc3339(),
                        request.ended.map(Timestamp::rfc3339).unwrap_or_default(),
                        request.ended_by.clone(),
                        request.note.clone(),
                    ]
                }))
            }
        },
    )
}
