//! An invitation as the person who holds it sees it. Looking at it uses nothing up: mail scanners look first.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use enroll_server_model::InvitationState;
use enroll_server_model::random::Token;
use enroll_server_service::error::Error;
use enroll_server_service::query::{Holder, Invitation, requested_keys};
use enroll_server_service::rate_limit::{self, Limit};
use enroll_server_service::{App, invitation as service};

use super::guard::Source;
use super::invitations::status::Status;
use super::page::{Answer, page, page_with};
use super::problem::Problem;
use super::view::{Icon, LinkWithCode, Moment, fingerprint};
use super::words;

/// Unknown invitations that one address may ask for: who mistypes a link does not try dozens.
const GUESSES: Limit = Limit {
    burst: 20,
    interval: Duration::from_secs(30),
};

struct Key {
    purpose: &'static str,
    use_in_words: &'static str,
    algorithm: String,
    slot: &'static str,
}

#[derive(Template)]
#[template(path = "invitation/open.html")]
struct OpenPage<'a> {
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
    organisation: &'a str,
    icon: Icon,
    title: &'static str,
    lines: Vec<String>,
}

/// The invitation with this token; whoever asks for many that are none has to wait.
async fn find(
    app: &App,
    token: &str,
    source: &str,
) -> Result<Option<(Invitation, Holder)>, Problem> {
    match service::by_token(app, token).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::InvitationUnknown) => {
            let address = rate_limit::source(source);
            rate_limit::take(app, &format!("invitation:unknown:{address}"), GUESSES).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /invitation/{token}`
pub async fn show(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Source(source): Source,
) -> Answer {
    let found = find(&app, &token, &source).await?;
    let (Some((invitation, holder)), Some(token)) = (found, Token::parse(&token)) else {
        return unknown(&app);
    };
    match invitation.state_at(app.clock.now()) {
        InvitationState::Pending => open(&app, &invitation, &holder, &token),
        state => closed(&app, &invitation, state),
    }
}

fn open(app: &App, invitation: &Invitation, holder: &Holder, token: &Token) -> Answer {
    let now = app.clock.now();
    let link = LinkWithCode::new(app.invitation_link(token)).map_err(|error| {
        tracing::error!(%error, "an invitation's code could not be drawn");
        Problem::internal()
    })?;
    let slots = requested_keys(invitation.profile).iter().map(|key| {
        let slot = words::slot(key.slot.as_str());
        Key {
            purpose: slot.purpose,
            use_in_words: slot.use_in_words,
            algorithm: key.algorithm.to_string(),
            slot: slot.number,
        }
    });
    page(&OpenPage {
        organisation: &app.organisation,
        name: &holder.name,
        upn: &holder.upn,
        invited_by: &invitation.created_by,
        token: token.reveal(),
        link,
        expires: Moment::new(invitation.expires.date_time(), now.date_time()),
        status: Status::for_holder(invitation, now, format!("/invitation/{}", token.reveal())),
        slots: slots.collect(),
        issuer: &app.authority.issuing.name,
        fingerprint: fingerprint(&app.authority.root.fingerprint),
    })
}

/// Each state that is not open has its own explanation and its own next step.
fn closed(app: &App, invitation: &Invitation, state: InvitationState) -> Answer {
    let by = &invitation.created_by;
    let now = app.clock.now().date_time();
    let since = |at: Option<enroll_server_model::Timestamp>| {
        at.map(|at| format!(" {}", Moment::new(at.date_time(), now).relative()))
            .unwrap_or_default()
    };
    let (status, icon, title, lines) = match state {
        InvitationState::Used => (
            StatusCode::OK,
            Icon::Check,
            "A phone was enrolled with this invitation",
            vec![
                format!(
                    "It happened{}. If that was you, there is nothing left to do: hold the phone to a reader and sign in.",
                    since(invitation.used_at)
                ),
                format!("If it was not you, tell {by} at once, so that the phone can be revoked."),
            ],
        ),
        InvitationState::Expired => (
            StatusCode::GONE,
            Icon::Clock,
            "This invitation has expired",
            vec![
                format!(
                    "Nobody used it in time: it expired{}.",
                    since(Some(invitation.expires))
                ),
                format!("Ask {by} for a new one. Nothing on your phone has changed."),
            ],
        ),
        InvitationState::Cancelled | InvitationState::Pending => (
            StatusCode::GONE,
            Icon::Stop,
            "This invitation was cancelled",
            vec![
                format!(
                    "{} took it back{}.",
                    app.organisation,
                    since(invitation.cancelled_at)
                ),
                format!("If you expected it to work, ask {by} for a new one."),
            ],
        ),
    };
    page_with(
        status,
        &ClosedPage {
            organisation: &app.organisation,
            icon,
            title,
            lines,
        },
    )
}

fn unknown(app: &App) -> Answer {
    page_with(
        StatusCode::NOT_FOUND,
        &ClosedPage {
            organisation: &app.organisation,
            icon: Icon::Search,
            title: "This invitation is not known here",
            lines: vec![
                "The link may be incomplete: mail programs sometimes cut long links in two."
                    .to_owned(),
                "Copy it again in one piece, or ask whoever invited you for a new one.".to_owned(),
            ],
        },
    )
}

/// `GET /invitation/{token}/status`: the part of the page that changes while its holder waits.
pub async fn status(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Source(source): Source,
) -> Answer {
    let (invitation, _) = find(&app, &token, &source)
        .await?
        .ok_or_else(|| Problem::from(Error::InvitationUnknown))?;
    let page_path = format!("/invitation/{token}");
    page(&Status::for_holder(&invitation, app.clock.now(), page_path))
}
