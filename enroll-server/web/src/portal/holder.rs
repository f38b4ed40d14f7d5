//! Holders: the people whose phones are enrolled.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};

use enroll_server_model::PhoneState;
use enroll_server_service::App;
use enroll_server_service::query;

use super::guard::SignedIn;
use super::history::Line;
use super::label;
use super::list::{List, ListAddress};
use super::page::{Answer, page};
use super::phone::row::PhoneRow;
use super::view::{Moment, Pager, Section, Shell, Tag};
use crate::words::{Text, Words};

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
    title: Text,
    empty: bool,
    filtered: bool,
    query: &'a str,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /holders`
pub async fn list(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let list = List::new("/holders", &address);
    let found = query::holders(&app, list.query(), list.after().as_ref()).await?;
    let pager = list.pager(&found);
    let empty = found.rows.is_empty();
    let rows = found.rows.into_iter().map(|holder| Row {
        created: Moment::new(words, holder.created, now),
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
        filtered: list.is_narrowed(),
        query: list.query(),
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
    let found = query::holder(&app, &id).await?;
    let holder = &found.holder;
    let active = found
        .phones
        .iter()
        .filter(|phone| phone.state == PhoneState::Active)
        .count();
    let invitations = found
        .invitations
        .into_iter()
        .map(|invitation| InvitationRow {
            tag: label::invitation_tag(words, invitation.state_at(now)),
            created: Moment::new(words, invitation.created, now),
            id: invitation.id,
            invited_by: invitation.created_by,
        });
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders),
        id: &holder.id,
        name: &holder.name,
        sentence: words.holder_sentence(&holder.name, active),
        email: &holder.email,
        upn: &holder.upn,
        username: &holder.username,
        created: Moment::new(words, holder.created, now),
        phones: found
            .phones
            .into_iter()
            .map(|phone| PhoneRow::new(words, phone, holder.name.clone(), now))
            .collect(),
        with_holder: false,
        query: "",
        invitations: invitations.collect(),
        events: Line::at_home(words, &found.events, now),
    })
}
