//! Holders: the people whose phones are enrolled.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use enroll_server_model::{ObjectKind, PhoneState};
use enroll_server_service::App;
use enroll_server_service::query::{self, After};

use super::guard::SignedIn;
use super::history::{self, Line};
use super::label;
use super::page::{Answer, page};
use super::paging;
use super::phone::PhoneRow;
use super::view::{Moment, Pager, Section, Shell, Tag};
use crate::words::{Text, Words};

const PATH: &str = "/holders";

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

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
    query: &'a str,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /holders`
pub async fn list(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let query = wanted.q.trim();
    let after = paging::read(&wanted.after);
    let mut found = query::holders(&app, query, after.as_ref(), paging::limit()).await?;
    let pager = paging::cut(&mut found, PATH, &[("q", query)], after.is_none(), |row| {
        After {
            key: row.name.clone(),
            id: row.id.clone(),
        }
    });
    let rows = found.into_iter().map(|holder| Row {
        created: Moment::new(words, holder.created, now),
        id: holder.id,
        name: holder.name,
        email: holder.email,
        upn: holder.upn,
    });
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders).await?,
        query,
        rows: rows.collect(),
        pager,
    })
}

struct InvitationRow {
    id: String,
    created: Moment,
    invited_by: String,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "holders/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    sentence: Text,
    email: &'a str,
    upn: &'a str,
    username: &'a str,
    created: Moment,
    phones: Vec<PhoneRow>,
    with_holder: bool,
    query: &'a str,
    invitations: Vec<InvitationRow>,
    events: Vec<Line>,
}

/// `GET /holders/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let holder = query::holder(&app, &id).await?;
    let phones = query::phones_of_holder(&app, &id).await?;
    let active = phones
        .iter()
        .filter(|phone| phone.state == PhoneState::Active)
        .count();
    let invitations = query::invitations_of_holder(&app, &id).await?;
    let invitations = invitations.into_iter().map(|invitation| InvitationRow {
        tag: label::invitation_tag(words, invitation.state_at(now)),
        created: Moment::new(words, invitation.created, now),
        id: invitation.id,
        invited_by: invitation.created_by,
    });
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders).await?,
        id: &holder.id,
        name: &holder.name,
        sentence: words.holder_sentence(&holder.name, active),
        email: &holder.email,
        upn: &holder.upn,
        username: &holder.username,
        created: Moment::new(words, holder.created, now),
        phones: phones
            .into_iter()
            .map(|phone| PhoneRow::new(words, phone, holder.name.clone(), now))
            .collect(),
        with_holder: false,
        query: "",
        invitations: invitations.collect(),
        events: history::of(&app, words, ObjectKind::Holder, &id).await?,
    })
}
