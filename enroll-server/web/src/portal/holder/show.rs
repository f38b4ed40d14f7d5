//! One holder, and all that belongs to them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};

use enroll_server_model::{HolderState, PhoneState};
use enroll_server_service::App;
use enroll_server_service::query;

use crate::portal::guard::SignedIn;
use crate::portal::history::EventLine;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::phone::row::PhoneRow;
use crate::portal::story::Story;
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

struct InvitationRow {
    id: String,
    created: Moment,
    invited_by: String,
    tag: Tag,
}

struct OutdatedRow {
    id: String,
    purpose: Text,
    phone: Text,
    says: Text,
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
    tag: Option<Tag>,
    is_active: bool,
    is_gone: bool,
    story: Option<Story>,
    removable: bool,
    outdated: Vec<OutdatedRow>,
    invitations: Vec<InvitationRow>,
    events: Vec<EventLine>,
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
    let removable = found.phones.is_empty();
    let suspended = usize::try_from(holder.phones).unwrap_or_default();
    let sentence = match holder.state {
        HolderState::Active => words.holder_sentence(&holder.name, active),
        HolderState::Suspended => words.holder_suspended_sentence(&holder.name, suspended),
        HolderState::Gone => words.holder_gone_sentence(&holder.name),
    };
    let story = match (&found.suspension, &found.let_go) {
        (Some(suspension), _) => Some(Story::of_suspension(words, suspension, now)),
        (None, Some(gone)) => Story::of_end(words, gone, now),
        (None, None) => None,
    };
    let invitations = found
        .invitations
        .into_iter()
        .map(|invitation| InvitationRow {
            tag: label::invitation_tag(words, invitation.state_at(now)),
            created: Moment::new(words, invitation.created, now),
            id: invitation.id,
            invited_by: invitation.created_by,
        });
    let outdated = found.outdated.into_iter().map(|one| {
        let says: Vec<_> = one.names.iter().map(|name| name.text.as_str()).collect();
        OutdatedRow {
            purpose: label::purpose(words, one.certificate.slot),
            phone: words.holder_outdated_on(&one.phone),
            says: words.holder_outdated_says(says.join(", ")),
            id: one.certificate.id,
        }
    });
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Holders),
        id: &holder.id,
        name: &holder.name,
        sentence,
        tag: label::holder_tag(words, holder.state),
        is_active: holder.state == HolderState::Active,
        is_gone: holder.state == HolderState::Gone,
        story,
        email: &holder.email,
        upn: &holder.upn,
        username: &holder.username,
        created: Moment::new(words, holder.created, now),
        phones: found
            .phones
            .into_iter()
            .map(|phone| PhoneRow::new(words, phone, holder.name.clone(), now))
            .collect(),
        removable,
        outdated: outdated.collect(),
        invitations: invitations.collect(),
        events: found
            .events
            .iter()
            .map(|event| EventLine::of_holder(words, event, now))
            .collect(),
    })
}
