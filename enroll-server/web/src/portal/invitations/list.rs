//! The list of invitations of every state.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use enroll_server_model::{InvitationState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, After, InvitationSummary};

use crate::portal::address;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::paging;
use crate::portal::view::{Filter, Moment, Pager, Section, Shell, Tag};
use crate::words::Words;

const PATH: &str = "/invitations";

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

struct Row {
    id: String,
    name: String,
    invited_by: String,
    tag: Tag,
    created: Moment,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "invitations/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    filters: Vec<Filter>,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
}

fn filters(words: Words, chosen: Option<InvitationState>) -> Vec<Filter> {
    [
        (None, words.filter_all()),
        (Some(InvitationState::Pending), words.state_open()),
        (Some(InvitationState::Used), words.state_used()),
        (Some(InvitationState::Expired), words.state_expired()),
        (Some(InvitationState::Cancelled), words.state_cancelled()),
    ]
    .into_iter()
    .map(|(state, label)| Filter {
        href: address::with_query(
            PATH,
            &[("state", state.map_or("", InvitationState::as_str))],
        ),
        label,
        current: state == chosen,
    })
    .collect()
}

fn row(words: Words, summary: InvitationSummary, now: Timestamp) -> Row {
    let invitation = summary.invitation;
    Row {
        tag: label::invitation_tag(words, invitation.state_at(now)),
        created: Moment::new(words, invitation.created, now),
        expires: Moment::new(words, invitation.expires, now),
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
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let state: Option<InvitationState> = wanted.state.parse().ok();
    let after = paging::read(&wanted.after);
    let mut found = query::invitations(&app, state, now, after.as_ref(), paging::limit()).await?;
    let parameters = [("state", state.map_or("", InvitationState::as_str))];
    let pager = paging::cut(&mut found, PATH, &parameters, after.is_none(), |row| {
        After {
            key: row.invitation.created,
            id: row.invitation.id.clone(),
        }
    });
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Invitations).await?,
        filters: filters(words, state),
        filtered: state.is_some(),
        rows: found
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
        pager,
    })
}
