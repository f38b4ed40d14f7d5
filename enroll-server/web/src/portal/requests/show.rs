//! One request: who asks, what it would change, who approved it, and how it ended.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use enroll_server_model::{ActorKind, CameBy, RequestState};
use enroll_server_service::App;
use enroll_server_service::query::{self, RequestView};

use super::difference::{self, Row};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page_with};
use crate::portal::view::{FormErrors, Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

/// Something that happened to it.
struct Step {
    by: String,
    what: Text,
    at: Moment,
}

/// Whether the reader may decide, or why not.
enum Turn {
    Theirs,
    /// They may refuse it, but not approve it.
    RefuseOnly(Text),
    NotTheirs(Text),
}

#[derive(Template)]
#[template(path = "requests/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    name: &'a str,
    holder_href: String,
    tag: Tag,
    sentence: Text,
    is_waiting: bool,
    invitation: Option<String>,
    policy: Text,
    is_policy_gone: bool,
    reason: &'a str,
    came_by: Text,
    until: Moment,
    ended: Option<(Moment, &'a str)>,
    refusal: &'a str,
    moved: Vec<Row>,
    rows: Vec<Row>,
    steps: Vec<Step>,
    turn: Turn,
    seen: &'a str,
    note: &'a str,
}

/// `GET /requests/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    answer(&app, words, &signed_in, &id, FormErrors::none(), "").await
}

/// The page of a request, with what is wrong with the form that was sent.
pub(super) async fn answer(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    errors: FormErrors,
    note: &str,
) -> Answer {
    let now = app.clock.now();
    let found = query::request(app, id).await?;
    let request = &found.request;
    let shell = signed_in.shell(app, words, Section::Requests);
    let is_waiting = found.state == RequestState::Waiting;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &ShowPage {
            words,
            turn: turn(words, signed_in, &shell, &found),
            shell,
            errors,
            id,
            name: &found.holder.name,
            holder_href: format!("/holders/{}", found.holder.id),
            tag: label::request_tag(words, found.state),
            sentence: sentence(words, &found),
            is_waiting,
            invitation: request
                .invitation_id
                .as_ref()
                .map(|id| format!("/invitations/{id}")),
            policy: found.policy.as_ref().map_or_else(
                || request.policy.to_string().into(),
                |policy| words.policy_title(policy),
            ),
            is_policy_gone: is_waiting && found.policy.is_none(),
            reason: &request.reason,
            came_by: match request.came_by {
                CameBy::Phone => words.request_came_by_phone(),
                CameBy::Mail => words.request_came_by_mail(),
            },
            until: Moment::new(words, request.expires, now),
            ended: request
                .ended
                .map(|at| (Moment::new(words, at, now), request.ended_by.as_str())),
            refusal: &request.note,
            moved: if is_waiting {
                difference::moved(words, &found)
            } else {
                Vec::new()
            },
            rows: difference::rows(words, &found),
            steps: steps(words, &found, now),
            seen: &found.seen,
            note,
        },
    )
}

fn sentence(words: Words, found: &RequestView) -> Text {
    match found.state {
        RequestState::Waiting => words.request_waits(found.missing()),
        RequestState::Approved => words.request_approved_what(),
        RequestState::Refused => words.request_refused_what(),
        RequestState::Withdrawn => words.request_withdrawn_what(),
        RequestState::Expired => words.request_expired_what(),
        RequestState::Closed => words.request_closed_what(),
    }
}

fn steps(words: Words, found: &RequestView, now: enroll_server_model::Timestamp) -> Vec<Step> {
    let asked = Step {
        by: found.request.name.clone(),
        what: words.approval_asked(),
        at: Moment::new(words, found.request.created, now),
    };
    let approvals = found.approvals.iter().map(|(approval, counts)| Step {
        by: approval.actor_name.clone(),
        what: if *counts {
            words.approval_given()
        } else {
            words.approval_lost()
        },
        at: Moment::new(words, approval.at, now),
    });
    let end = match found.state {
        RequestState::Waiting | RequestState::Approved => None,
        state => found.request.ended.map(|at| Step {
            by: found.request.ended_by.clone(),
            what: label::request_state(words, state),
            at: Moment::new(words, at, now),
        }),
    };
    [asked].into_iter().chain(approvals).chain(end).collect()
}

fn turn(words: Words, signed_in: &SignedIn, shell: &Shell, found: &RequestView) -> Turn {
    let id = &signed_in.session().administrator_id;
    if !shell.may_change() {
        return Turn::NotTheirs(words.decide_not_yours());
    }
    if found.is_own(&shell.email) {
        return Turn::RefuseOnly(words.decide_own());
    }
    let has_approved = found.approvals.iter().any(|(approval, counts)| {
        *counts
            && approval.actor_kind == ActorKind::Administrator.as_str()
            && approval.actor_id == *id
    });
    // With enough approvals, whoever gave one may end it.
    if has_approved && found.missing() > 0 {
        return Turn::RefuseOnly(words.decide_approved_before());
    }
    if found.policy.is_none() {
        return Turn::RefuseOnly(words.difference_gone());
    }
    Turn::Theirs
}
