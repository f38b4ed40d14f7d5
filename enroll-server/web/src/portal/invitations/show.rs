//! One invitation: its link as long as this browser may show it, and what became of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::{
    DeliveryState, InvitationState, MailKind, PhoneState, StoredState, Timestamp,
};
use enroll_server_service::App;
use enroll_server_service::query::{self, Delivery, Invitation};

use super::status::Status;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::link_cookie;
use crate::portal::page::{Answer, page};
use crate::portal::problem::Problem;
use crate::portal::view::{LinkWithCode, Moment, Section, Shell, Tag};
use crate::words::{Markup, Text, Words};

/// A mail about the invitation.
struct MailRow {
    recipient: String,
    is_reminder: bool,
    at: Moment,
    tag: Tag,
    why: Text,
    /// When it is tried next.
    next: Option<Moment>,
}

impl MailRow {
    fn new(words: Words, mail: &Delivery, now: Timestamp) -> Self {
        let is_waiting = mail.state == DeliveryState::Waiting;
        let waits = is_waiting && mail.attempts > 0 && mail.lease.is_empty();
        Self {
            recipient: mail.recipient.clone(),
            is_reminder: mail.kind == MailKind::Reminder.as_str(),
            at: Moment::new(words, mail.created, now),
            tag: label::mail_tag(words, mail),
            why: label::mail_outcome(words, mail),
            next: waits.then(|| Moment::new(words, mail.next_attempt, now)),
        }
    }
}

#[derive(Template)]
#[template(path = "invitations/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    pending: bool,
    status: Status,
    link: Option<LinkWithCode>,
    name: &'a str,
    holder_href: String,
    email: &'a str,
    upn: &'a str,
    policy: Text,
    replaces: Option<Markup>,
    one_phone: Markup,
    new_one: Markup,
    invited_by: &'a str,
    created: Moment,
    expires: Moment,
    /// Whether it can be sent by mail.
    may_be_mailed: bool,
    mails: Vec<MailRow>,
    /// What ended it or will end it, and when.
    ended: (Text, Moment),
}

/// `GET /invitations/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
) -> Answer {
    let now = app.clock.now();
    let found = query::invitation(&app, &id).await?;
    let (summary, invitation) = (&found.summary, &found.summary.invitation);
    let at = |time: Option<Timestamp>| Moment::new(words, time.unwrap_or(now), now);
    let ended = match invitation.state {
        StoredState::Pending => (words.label_expires(), at(Some(invitation.expires))),
        StoredState::Used => (words.state_used(), at(invitation.used_at)),
        StoredState::Cancelled => (words.state_cancelled(), at(invitation.cancelled_at)),
    };
    let mails = found.mails.iter();
    page(&ShowPage {
        may_be_mailed: app.sends_mail && invitation.link_seed.is_some(),
        mails: mails.map(|mail| MailRow::new(words, mail, now)).collect(),
        ended,
        words,
        shell: signed_in.shell(&app, words, Section::Invitations),
        id: &invitation.id,
        pending: invitation.state_at(now) == InvitationState::Pending,
        status: Status::for_administrator(words, invitation, found.phone.as_ref(), now),
        link: link(&app, words, invitation, &jar)?,
        name: &summary.holder_name,
        holder_href: format!("/holders/{}", invitation.holder_id),
        email: &summary.holder_email,
        upn: &summary.holder_upn,
        policy: found.policy.as_ref().map_or_else(
            || invitation.policy.to_string().into(),
            |policy| words.policy_title(policy),
        ),
        replaces: found.replaces.as_ref().map(|old| {
            let link = Markup::link(&format!("/phones/{}", old.id), &old.name);
            match (old.state, invitation.state_at(now)) {
                (PhoneState::Revoked, _) => words.replaces_revoked(link),
                (_, InvitationState::Pending) => words.replaces_in_use(link),
                (_, _) => words.replaces_kept(link),
            }
        }),
        one_phone: Markup::strong(&words.invitation_one_phone()),
        new_one: Markup::link(
            &format!("/invitations/new?again={}", invitation.id),
            &words.invitation_link_gone_new_one(),
        ),
        invited_by: &invitation.created_by,
        created: Moment::new(words, invitation.created, now),
        expires: Moment::new(words, invitation.expires, now),
    })
}

/// The link, if this browser made the invitation not long ago.
fn link(
    app: &App,
    words: Words,
    invitation: &Invitation,
    jar: &CookieJar,
) -> Result<Option<LinkWithCode>, Problem> {
    let token = link_cookie::token(jar, &format!("/invitations/{}", invitation.id))
        .filter(|token| token.hash() == invitation.token_hash);
    token
        .map(|token| LinkWithCode::new(words, app.invitation_link(&token)))
        .transpose()
        .map_err(|error| {
            tracing::error!(%error, "an invitation's code could not be drawn");
            Problem::internal()
        })
}

/// `GET /invitations/{id}/status`: the part of the page that changes while somebody waits.
pub async fn status(
    State(app): State<Arc<App>>,
    words: Words,
    _: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let found = query::invitation_status(&app, &id).await?;
    let now = app.clock.now();
    page(&Status::for_administrator(
        words,
        &found.invitation,
        found.phone.as_ref(),
        now,
    ))
}
