//! One phone and its certificates.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};

use enroll_server_model::{HolderState, PhoneState};
use enroll_server_service::App;
use enroll_server_service::query::{self, Phone};

use super::said::Said;
use crate::portal::certificate::row::CertificateRow;
use crate::portal::guard::SignedIn;
use crate::portal::history::EventLine;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::story::Story;
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::{Markup, Text, Words};

#[derive(Template)]
#[template(path = "phones/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    tag: Tag,
    sentence: Text,
    can_suspend: bool,
    can_resume: bool,
    can_revoke: bool,
    can_replace: bool,
    replaces: Option<Markup>,
    replaced_by: Option<Markup>,
    can_unblock: bool,
    holder_first: Option<Markup>,
    can_invite: bool,
    holder: &'a str,
    holder_id: &'a str,
    enrolled: Moment,
    story: Option<Story>,
    said: Said,
    guid: String,
    certificates: Vec<CertificateRow>,
    events: Vec<EventLine>,
}

/// `GET /phones/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let found = query::phone(&app, &id).await?;
    let phone = &found.phone.phone;
    let holder = &found.phone.holder_name;
    let sentence = match phone.state {
        PhoneState::Revoked => words.phone_revoked(holder),
        PhoneState::Suspended => words.phone_suspended(holder),
        PhoneState::Active => words.phone_active(holder, found.valid),
    };
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Phones),
        id: &phone.id,
        name: &phone.name,
        tag: label::phone_tag(words, phone.state),
        sentence,
        can_suspend: phone.state != PhoneState::Revoked && found.suspension.is_none(),
        can_resume: found.suspension.is_some(),
        can_revoke: phone.state != PhoneState::Revoked,
        can_replace: phone.state != PhoneState::Revoked
            && found.holder_state == HolderState::Active,
        replaces: found.replaces.as_ref().map(link),
        replaced_by: found.replaced_by.as_ref().map(|by| match &by.phone {
            Some(new) => link(new),
            None => {
                let href = format!("/invitations/{}", by.invitation.id);
                let invitation = Markup::link(&href, &words.replaced_by_invitation());
                if phone.state == PhoneState::Revoked {
                    words.replaced_by_invited(invitation)
                } else {
                    words.replaced_by_invited_in_use(invitation)
                }
            }
        }),
        can_unblock: found.can_unblock,
        holder_first: (phone.state == PhoneState::Suspended
            && found.holder_state == HolderState::Suspended)
            .then(|| {
                let link = Markup::link(&format!("/holders/{}", phone.holder_id), holder);
                if found.suspension.is_some() {
                    words.phone_suspended_and_holder(link)
                } else {
                    words.phone_suspended_with_holder(link)
                }
            }),
        can_invite: found.holder_state == HolderState::Active,
        holder,
        holder_id: &phone.holder_id,
        enrolled: Moment::new(words, phone.created, now),
        story: match (&found.suspension, &found.revoked) {
            (Some(suspension), _) => Some(Story::of_suspension(words, suspension, now)),
            (None, Some(revoked)) => Story::of_end(words, revoked, now),
            (None, None) => None,
        },
        said: Said::new(words, phone, found.can_check_in, now),
        guid: format!("{:X}", phone.guid),
        certificates: found
            .certificates
            .into_iter()
            .map(|row| CertificateRow::of_phone(words, row, now))
            .collect(),
        events: EventLine::at_home(words, &found.events, now),
    })
}

/// A phone's name, which leads to its page.
fn link(phone: &Phone) -> Markup {
    Markup::link(&format!("/phones/{}", phone.id), &phone.name)
}
