//! The list of invitations of every state.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};

use enroll_server_model::{BulkAct, InvitationState, StoredState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Delivery, InvitationSummary, Page, Wanted};

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
    invited_by: String,
    tag: Tag,
    created: Moment,
    /// Until when it can be used; none of one that was used or cancelled.
    expires: Option<Moment>,
    /// What became of the latest mail about it, while it is open.
    mail: Option<Tag>,
}

#[derive(Template)]
#[template(path = "invitations/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    rows: Vec<Row>,
}

fn row(
    words: Words,
    summary: InvitationSummary,
    mails: &HashMap<String, Delivery>,
    now: Timestamp,
) -> Row {
    let invitation = summary.invitation;
    Row {
        mail: mails
            .get(&invitation.id)
            .map(|mail| label::mail_tag(words, mail)),
        tag: label::invitation_tag(words, invitation.state_at(now)),
        created: Moment::new(words, invitation.created, now),
        expires: matches!(invitation.state, StoredState::Pending)
            .then(|| Moment::new(words, invitation.expires, now)),
        id: invitation.id,
        name: summary.holder_name,
        invited_by: invitation.created_by,
    }
}

/// The column by which it is sorted. All invitations live equally long: those that expire later were made later.
const COLUMNS: [(&str, (), bool); 1] = [("invited", (), true)];

/// What the list's address asks for.
struct Asked {
    list: List,
    state: Option<InvitationState>,
    descending: bool,
}

impl Asked {
    fn new(words: Words, address: &ListAddress) -> Self {
        let state: Option<InvitationState> = address.state.parse().ok();
        let states = InvitationState::ALL
            .iter()
            .map(|state| (state.as_str(), label::invitation_state(words, *state)));
        let choices = [("", words.filter_all())].into_iter().chain(states);
        let chosen = state.map_or("", InvitationState::as_str);
        let list = List::new("/invitations", address).filtered("state", chosen, choices);
        let (list, sorting) = list.sorted(address, &COLUMNS);
        Self {
            list,
            state,
            descending: sorting.is_none_or(|sorting| sorting.descending),
        }
    }

    async fn read(&self, app: &App, wanted: Wanted<'_>) -> Result<Page<InvitationSummary>> {
        query::invitations(app, self.state, self.list.query(), self.descending, wanted).await
    }
}

/// `GET /invitations`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address);
    let found = asked.read(&app, asked.list.wanted()).await?;
    let mails = query::latest_mails(&app, &found.rows).await?;
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Invitations),
        title: words.invitations_title(),
        list: asked.list.around(words, &found),
        rows: found
            .rows
            .into_iter()
            .map(|summary| row(words, summary, &mails, now))
            .collect(),
    })
}

/// `GET /invitations.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Arc::new(Asked::new(words, &address));
    let file = Export {
        name: "invitations",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.invitations_for(),
            words.label_email(),
            words.label_upn_short(),
            words.label_state(),
            words.label_invited(),
            words.invitations_by(),
            words.label_expires(),
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
                    let invitation = &row.invitation;
                    vec![
                        row.holder_name.clone(),
                        row.holder_email.clone(),
                        row.holder_upn.clone(),
                        label::invitation_state(words, invitation.state_at(now)).into_owned(),
                        invitation.created.rfc3339(),
                        invitation.created_by.clone(),
                        invitation.expires.rfc3339(),
                    ]
                }))
            }
        },
    )
}

/// `POST /invitations/selection`: asks whether something is to be done with the chosen rows, or with all rows of the list.
pub async fn choose(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let sent = Sent::read(fields);
    let Some(act @ BulkAct::CancelInvitations) = sent.act else {
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
        found.map(|row| row.invitation.id).collect()
    } else {
        sent.ids
    };
    selection::choose(&app, &signed_in, act, Chosen::Ids(ids)).await
}
