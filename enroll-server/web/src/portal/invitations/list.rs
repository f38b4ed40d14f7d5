//! The list of invitations of every state.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::{InvitationState, StoredState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, InvitationSummary};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Filter, Moment, Pager, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    id: String,
    name: String,
    invited_by: String,
    tag: Tag,
    created: Moment,
    /// Until when it can be used; none of one that was used or cancelled.
    expires: Option<Moment>,
}

#[derive(Template)]
#[template(path = "invitations/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
    filters: Vec<Filter>,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
}

fn row(words: Words, summary: InvitationSummary, now: Timestamp) -> Row {
    let invitation = summary.invitation;
    Row {
        tag: label::invitation_tag(words, invitation.state_at(now)),
        created: Moment::new(words, invitation.created, now),
        expires: matches!(invitation.state, StoredState::Pending)
            .then(|| Moment::new(words, invitation.expires, now)),
        id: invitation.id,
        name: summary.holder_name,
        invited_by: invitation.created_by,
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
    let state: Option<InvitationState> = address.state.parse().ok();
    let chosen = state.map_or("", InvitationState::as_str);
    let list = List::new("/invitations", &address).filtered("state", chosen);
    let found = query::invitations(&app, state, list.after().as_ref()).await?;
    let filters = InvitationState::ALL
        .iter()
        .map(|state| (state.as_str(), label::invitation_state(words, *state)));
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Invitations),
        filters: list.filters([("", words.filter_all())].into_iter().chain(filters)),
        title: words.invitations_title(),
        empty: found.rows.is_empty(),
        filtered: list.is_narrowed(),
        pager: list.pager(&found),
        rows: found
            .rows
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
    })
}
