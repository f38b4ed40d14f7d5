//! An invitation as the person who holds it sees it. Looking at it uses nothing up: mail scanners look first.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;

use enroll_server_model::random::Token;
use enroll_server_model::{HolderState, InvitationState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::admission::invitation as service;
use enroll_server_service::error::Error;
use enroll_server_service::query::{Holder, Invitation};

use super::invitations::status::Status;
use super::label;
use super::page::{Answer, page, page_with};
use super::problem::Problem;
use super::view::{Icon, LinkWithCode, Moment, fingerprint};
use crate::words::{Text, Words};

struct Key {
    purpose: Text,
    use_in_words: Text,
    algorithm: String,
    slot: &'static str,
}

#[derive(Template)]
#[template(path = "invitation/open.html")]
struct OpenPage<'a> {
    words: Words,
    organisation: &'a str,
    name: &'a str,
    upn: &'a str,
    invited_by: &'a str,
    token: &'a str,
    link: LinkWithCode,
    expires: Moment,
    status: Status,
    slots: Vec<Key>,
    issuer: &'a str,
    fingerprint: String,
}

#[derive(Template)]
#[template(path = "invitation/closed.html")]
struct ClosedPage<'a> {
    words: Words,
    organisation: &'a str,
    icon: Icon,
    title: Text,
    lines: [Text; 2],
}

/// The invitation with this token; none if there is none.
async fn find(
    app: &App,
    token: &str,
    client: IpAddr,
) -> Result<Option<(Invitation, Holder)>, Problem> {
    match service::look_at(app, token.parse(), client).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::InvitationUnknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `GET /invitation/{token}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
) -> Answer {
    let found = find(&app, &token, peer.ip()).await?;
    let (Some((invitation, holder)), Some(token)) = (found, token.parse::<Token>().ok()) else {
        return unknown(&app, words);
    };
    match invitation.state_at(app.clock.now()) {
        InvitationState::Pending if holder.state != HolderState::Active => {
            on_hold(&app, words, &invitation)
        }
        InvitationState::Pending => open(&app, words, &invitation, &holder, &token),
        state => closed(&app, words, &invitation, state),
    }
}

fn open(
    app: &App,
    words: Words,
    invitation: &Invitation,
    holder: &Holder,
    token: &Token,
) -> Answer {
    let now = app.clock.now();
    let link = LinkWithCode::new(words, app.invitation_link(token)).map_err(|error| {
        tracing::error!(%error, "an invitation's code could not be drawn");
        Problem::internal()
    })?;
    let slots = app.policy_of(invitation)?.keys.iter().map(|key| Key {
        purpose: label::purpose(words, Some(key.slot)),
        use_in_words: label::purpose_note(words, key.slot),
        algorithm: key.algorithm.to_string(),
        slot: key.slot.as_str(),
    });
    page(&OpenPage {
        words,
        organisation: &app.organisation,
        name: &holder.name,
        upn: &holder.upn,
        invited_by: &invitation.created_by,
        token: token.reveal(),
        link,
        expires: Moment::new(words, invitation.expires, now),
        status: Status::for_holder(
            words,
            invitation,
            now,
            format!("/invitation/{}", token.reveal()),
        ),
        slots: slots.collect(),
        issuer: &app.issuing().name,
        fingerprint: fingerprint(&app.anchor().fingerprint),
    })
}

/// Who is suspended cannot use an invitation that is open.
fn on_hold(app: &App, words: Words, invitation: &Invitation) -> Answer {
    page_with(
        StatusCode::CONFLICT,
        &ClosedPage {
            words,
            organisation: &app.organisation,
            icon: Icon::Pause,
            title: words.closed_on_hold(),
            lines: [
                words.closed_on_hold_why(&app.organisation),
                words.closed_on_hold_next(&invitation.created_by),
            ],
        },
    )
}

/// Each state that is not open has its own explanation and its own next step.
fn closed(app: &App, words: Words, invitation: &Invitation, state: InvitationState) -> Answer {
    let inviter = &invitation.created_by;
    let now = app.clock.now();
    let since = |at: Option<Timestamp>| Moment::new(words, at.unwrap_or(now), now).relative();
    let (status, icon, title, lines) = match state {
        InvitationState::Used => (
            StatusCode::OK,
            Icon::Check,
            words.closed_used(),
            [
                words.closed_used_when(since(invitation.used_at)),
                words.closed_used_not_you(inviter),
            ],
        ),
        InvitationState::Expired => (
            StatusCode::GONE,
            Icon::Clock,
            words.closed_expired(),
            [
                words.closed_expired_when(since(Some(invitation.expires))),
                words.closed_expired_next(inviter),
            ],
        ),
        InvitationState::Cancelled | InvitationState::Pending => (
            StatusCode::GONE,
            Icon::Stop,
            words.closed_cancelled(),
            [
                words.closed_cancelled_when(&app.organisation, since(invitation.cancelled_at)),
                words.closed_cancelled_next(inviter),
            ],
        ),
    };
    page_with(
        status,
        &ClosedPage {
            words,
            organisation: &app.organisation,
            icon,
            title,
            lines,
        },
    )
}

fn unknown(app: &App, words: Words) -> Answer {
    page_with(
        StatusCode::NOT_FOUND,
        &ClosedPage {
            words,
            organisation: &app.organisation,
            icon: Icon::Search,
            title: words.closed_unknown(),
            lines: [words.closed_unknown_why(), words.closed_unknown_next()],
        },
    )
}

/// `GET /invitation/{token}/status`: the part of the page that changes while its holder waits.
pub async fn status(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
) -> Answer {
    let (invitation, _) = find(&app, &token, peer.ip())
        .await?
        .ok_or_else(|| Problem::from(Error::InvitationUnknown))?;
    let page_path = format!("/invitation/{token}");
    page(&Status::for_holder(
        words,
        &invitation,
        app.clock.now(),
        page_path,
    ))
}
