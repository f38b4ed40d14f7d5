//! The list of people.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};

use enroll_server_model::{BulkAct, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{
    self, HolderFilter, HolderSort, HolderSummary, Page, SOON_DAYS, Sorting, Wanted,
};

use enroll_server_service::selection::{Chosen, most};

use crate::portal::export::{self, Export, Lines, all_after};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::portal::selection::{self, Sent};
use crate::portal::view::{ListView, Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    tag: Option<Tag>,
    email: String,
    upn: String,
    phones: i64,
    next_end: Option<Moment>,
    seen: Option<Moment>,
}

#[derive(Template)]
#[template(path = "holders/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    rows: Vec<Row>,
}

/// Filters by their word in the address.
fn filters(words: Words) -> [(&'static str, Text); 7] {
    [
        ("", words.filter_all()),
        ("without-phone", words.holders_without_phone()),
        ("several-phones", words.holders_several_phones()),
        ("ending", words.holders_ending(SOON_DAYS)),
        ("ended", words.state_expired()),
        ("suspended", words.state_suspended()),
        ("gone", words.state_gone()),
    ]
}

const fn column(sort: HolderSort) -> (&'static str, HolderSort, bool) {
    match sort {
        HolderSort::Name => ("name", sort, false),
        HolderSort::NextEnd => ("end", sort, false),
        HolderSort::LastSeen => ("seen", sort, true),
    }
}

/// What the list's address asks for.
pub(super) struct Asked {
    pub(super) list: List,
    pub(super) filter: HolderFilter,
    pub(super) sorting: Sorting<HolderSort>,
}

impl Asked {
    pub(super) fn new(words: Words, address: &ListAddress, now: Timestamp) -> Self {
        let choices = filters(words);
        let found = query::holder_filter(&address.state, now);
        let (chosen, filter) = match found {
            Some(filter) => (address.state.as_str(), filter),
            None => ("", HolderFilter::All),
        };
        let columns: Vec<_> = filter.sorts().iter().copied().map(column).collect();
        let list = List::new("/holders", address).filtered("state", chosen, choices);
        let (list, sorting) = list.sorted(address, &columns);
        Self {
            list,
            filter,
            sorting: sorting.unwrap_or(Sorting::rising(HolderSort::Name)),
        }
    }

    pub(super) async fn read(&self, app: &App, wanted: Wanted<'_>) -> Result<Page<HolderSummary>> {
        query::holders(app, self.filter, self.list.query(), self.sorting, wanted).await
    }
}

/// `GET /holders`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address, now);
    let found = asked.read(&app, asked.list.wanted()).await?;
    let list = asked.list.around(words, &found);
    let rows = found.rows.into_iter().map(
        |HolderSummary {
             holder,
             next_end,
             last_seen,
         }| Row {
            seen: last_seen.map(|at| Moment::new(words, at, now)),
            tag: label::holder_tag(words, holder.state),
            phones: holder.phones,
            next_end: next_end.map(|end| Moment::new(words, end, now)),
            id: holder.id,
            name: holder.name,
            email: holder.email,
            upn: holder.upn,
        },
    );
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders),
        title: words.holders_title(),
        list,
        rows: rows.collect(),
    })
}

/// `GET /holders.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address, now);
    let file = Export {
        name: "people",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.label_name(),
            words.label_email(),
            words.label_upn_short(),
            words.label_state(),
            words.holders_phones(),
            words.holders_next_end(),
            words.phone_last_seen(),
        ],
    };
    let asked = Arc::new(asked);
    file.start(
        app,
        signed_in.actor(),
        export::Form::Csv,
        move |app, from| {
            let asked = asked.clone();
            async move {
                let page = asked.read(&app, all_after(from.as_ref())).await?;
                Ok(Lines::of(&page, |row| {
                    vec![
                        row.holder.name.clone(),
                        row.holder.email.clone(),
                        row.holder.upn.clone(),
                        label::holder_state(words, row.holder.state).into_owned(),
                        row.holder.phones.to_string(),
                        row.next_end.map(Timestamp::rfc3339).unwrap_or_default(),
                        row.last_seen.map(Timestamp::rfc3339).unwrap_or_default(),
                    ]
                }))
            }
        },
    )
}

/// `POST /holders/selection`: asks whether something is to be done with the chosen rows, or with all rows of the list.
pub async fn choose(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let sent = Sent::read(fields);
    let Some(act @ (BulkAct::Invite | BulkAct::SuspendHolders | BulkAct::ResumeHolders)) = sent.act
    else {
        return Err(Problem::unreadable());
    };
    let ids = if sent.all {
        let asked = Asked::new(words, &sent.address, app.clock.now());
        let wanted = Wanted {
            rows: most(act) + 1,
            is_counted: false,
            ..Wanted::FIRST
        };
        let found = asked.read(&app, wanted).await?.rows.into_iter();
        found.map(|row| row.holder.id).collect()
    } else {
        sent.ids
    };
    selection::choose(&app, &signed_in, act, Chosen::Ids(ids)).await
}
