//! The list of phones.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};

use enroll_server_model::{BulkAct, PhoneState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Page, PhoneSort, PhoneSummary, Sorting, Wanted};

use super::row::PhoneRow;
use enroll_server_service::selection::{Chosen, most};

use crate::portal::export::{self, Export, Lines, all_after};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::portal::selection::{self, Sent};
use crate::portal::view::{ListView, Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "phones/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    phones: Vec<PhoneRow>,
}

/// The columns by which it can be sorted.
const COLUMNS: [(&str, PhoneSort, bool); 3] = [
    ("enrolled", PhoneSort::Created, true),
    ("end", PhoneSort::NextEnd, false),
    ("seen", PhoneSort::LastSeen, true),
];

/// What the list's address asks for.
struct Asked {
    list: List,
    state: Option<PhoneState>,
    sorting: Sorting<PhoneSort>,
}

impl Asked {
    fn new(words: Words, address: &ListAddress) -> Self {
        let state: Option<PhoneState> = address.state.parse().ok();
        let states = PhoneState::ALL
            .iter()
            .map(|state| (state.as_str(), label::phone_state(words, *state)));
        let choices = [("", words.filter_all())].into_iter().chain(states);
        let chosen = state.map_or("", PhoneState::as_str);
        let list = List::new("/phones", address).filtered("state", chosen, choices);
        let (list, sorting) = list.sorted(address, &COLUMNS);
        Self {
            list,
            state,
            sorting: sorting.unwrap_or(Sorting::falling(PhoneSort::Created)),
        }
    }

    async fn read(&self, app: &App, wanted: Wanted<'_>) -> Result<Page<PhoneSummary>> {
        query::phones(app, self.state, self.list.query(), self.sorting, wanted).await
    }
}

/// `GET /phones`
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
        shell: signed_in.shell(&app, words, Section::Phones),
        title: words.phones_title(),
        list: asked.list.around(words, &found),
        phones: found
            .rows
            .into_iter()
            .map(|row| PhoneRow::in_list(words, row, now))
            .collect(),
    })
}

/// `GET /phones.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let asked = Arc::new(Asked::new(words, &address));
    let file = Export {
        name: "phones",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.label_phone(),
            words.phone_guid(),
            words.label_holder(),
            words.label_state(),
            words.label_enrolled(),
            words.phones_end(),
            words.phone_last_seen(),
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
                    vec![
                        row.phone.name.clone(),
                        format!("{:X}", row.phone.guid),
                        row.holder_name.clone(),
                        label::phone_state(words, row.phone.state).into_owned(),
                        row.phone.created.rfc3339(),
                        row.next_end.map(Timestamp::rfc3339).unwrap_or_default(),
                        row.phone
                            .check_in
                            .last_seen
                            .map(Timestamp::rfc3339)
                            .unwrap_or_default(),
                    ]
                }))
            }
        },
    )
}

/// `POST /phones/selection`: asks whether something is to be done with the chosen rows, or with all rows of the list.
pub async fn choose(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let sent = Sent::read(fields);
    let Some(act @ (BulkAct::SuspendPhones | BulkAct::ResumePhones)) = sent.act else {
        return Err(Problem::unreadable());
    };
    let ids = if sent.all {
        let asked = Asked::new(words, &sent.address);
        let wanted = Wanted {
            rows: most(act) + 1,
            is_counted: false,
            ..Wanted::FIRST
        };
        let found = asked.read(&app, wanted).await?.rows.into_iter();
        found.map(|row| row.phone.id).collect()
    } else {
        sent.ids
    };
    selection::choose(&app, &signed_in, act, Chosen::Ids(ids)).await
}
