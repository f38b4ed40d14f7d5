//! What holders ask for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use enroll_server_model::{RequestState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::admission::request as service;
use enroll_server_service::query::{self, Change, HolderRequest, RequestView};

use crate::api::body::{Asked, Body};
use crate::api::failure::{Failure, Unreadable};
use crate::api::guard::Caller;
use crate::api::page::{Listed, Paging};
use crate::api::schema;

/// A request of a person for another phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Request {
    /// The id.
    id: String,
    /// Who asks: their id.
    person_id: String,
    /// Their name now.
    person_name: String,
    /// What has become of it.
    #[schema(schema_with = schema::request_state)]
    state: &'static str,
    /// The enrollment policy: which keys the phone makes.
    policy: String,
    /// Why, as the person said.
    reason: String,
    /// How they had come to their own pages: with a phone, or with a link from their mail.
    #[schema(schema_with = schema::came_by)]
    came_by: &'static str,
    /// When it was made.
    #[schema(format = DateTime)]
    created: String,
    /// Until when it waits.
    #[schema(format = DateTime)]
    expires: String,
    /// When it ended.
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// The name of who ended it; empty while it waits.
    ended_by: String,
    /// What they had to say.
    note: String,
    /// The invitation that it came to.
    invitation_id: Option<String>,
}

impl Request {
    fn new(row: HolderRequest, person_name: String, now: Timestamp) -> Self {
        Self {
            state: row.state_at(now).as_str(),
            id: row.id,
            person_id: row.holder_id,
            person_name,
            policy: row.policy.to_string(),
            reason: row.reason,
            came_by: row.came_by.as_str(),
            created: row.created.rfc3339(),
            expires: row.expires.rfc3339(),
            ended: row.ended.map(Timestamp::rfc3339),
            ended_by: row.ended_by,
            note: row.note,
            invitation_id: row.invitation_id,
        }
    }
}

/// Which requests are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichRequests {
    /// Words that are all found in the names of who asks.
    #[serde(default)]
    q: String,
    /// Those of this state; all without it.
    #[param(schema_with = schema::request_state)]
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// Requests for another phone, newest first
#[utoipa::path(get, path = "/api/v1/requests", tag = "requests", operation_id = "list_requests",
    params(WhichRequests), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Request>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichRequests>,
) -> Result<Json<Listed<Request>>, Response> {
    let state = which.state.as_deref().map(str::parse::<RequestState>);
    let state = state
        .transpose()
        .map_err(|_| Unreadable::Word("state").into_response())?;
    let paging = Paging::read(
        "requests",
        which.state.as_deref(),
        which.after.as_deref(),
        which.limit,
    )
    .map_err(IntoResponse::into_response)?;
    let now = app.clock.now();
    let found = query::requests(&app, state, &which.q, true, paging.wanted(&which.q)).await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(paging.listed(found, |row| {
        Request::new(row.request, row.holder_name, now)
    })))
}

/// A request, what it would change, and who approved it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestDetail {
    /// The request.
    request: Request,
    /// What it would change; what was decided on, if somebody decided.
    changes: Option<Changes>,
    /// What stands for these changes when it is decided: a decision about others is refused. Empty if it does not wait.
    seen: String,
    /// Who approved it.
    approvals: Vec<Approval>,
    /// How many approvals are missing.
    missing: i64,
}

/// What the person has, and what they would have.
#[derive(Debug, Serialize, ToSchema)]
struct Changes {
    /// How many phones they have that are not revoked; it would be one more.
    phones: usize,
    /// The keys that would get a certificate.
    keys: Vec<KeyChange>,
    /// The name in certificates.
    name: NameChange,
    /// The mail address in certificates.
    email: NameChange,
    /// The user principal name in certificates.
    upn: NameChange,
}

/// A key that would get a certificate.
#[derive(Debug, Serialize, ToSchema)]
struct KeyChange {
    /// The slot of the card.
    #[schema(schema_with = schema::slot)]
    slot: &'static str,
    /// Its algorithm.
    #[schema(schema_with = schema::algorithm)]
    algorithm: &'static str,
    /// For how many days the certificate would be valid.
    days: u32,
    /// How many valid certificates for the same use the person has.
    had: usize,
    /// When the last of them ends.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// What a name is in the newest valid certificate, and what it would be.
#[derive(Debug, Serialize, ToSchema)]
struct NameChange {
    /// What it is; null where no valid certificate says it.
    before: Option<String>,
    /// What it would be.
    after: String,
}

impl From<Change> for NameChange {
    fn from(change: Change) -> Self {
        let Change { before, after } = change;
        Self { before, after }
    }
}

/// Somebody's approval.
#[derive(Debug, Serialize, ToSchema)]
struct Approval {
    /// Who.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Whether it counts: whoever gave it may still approve, and saw what the request would change now.
    counts: bool,
}

impl RequestDetail {
    fn new(view: RequestView, now: Timestamp) -> Self {
        let missing = view.missing();
        let changes = view.difference.map(|found| Changes {
            phones: found.phones,
            keys: found
                .keys
                .into_iter()
                .map(|key| KeyChange {
                    slot: key.slot.as_str(),
                    algorithm: key.algorithm.as_str(),
                    days: key.days,
                    had: key.had,
                    until: key.until.map(Timestamp::rfc3339),
                })
                .collect(),
            name: found.name.into(),
            email: found.email.into(),
            upn: found.upn.into(),
        });
        let approvals = view.approvals.into_iter();
        Self {
            changes,
            seen: view.seen,
            approvals: approvals
                .map(|(approval, counts)| Approval {
                    by: approval.actor_name,
                    at: approval.at.rfc3339(),
                    counts,
                })
                .collect(),
            missing,
            request: Request::new(view.request, view.holder.name, now),
        }
    }
}

async fn request(app: &App, id: &str) -> Result<Json<RequestDetail>, Failure> {
    let view = query::request(app, id).await?;
    Ok(Json(RequestDetail::new(view, app.clock.now())))
}

/// A request
#[utoipa::path(get, path = "/api/v1/requests/{id}", tag = "requests", operation_id = "show_request",
    params(("id" = String, Path, description = "The request's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The request", body = RequestDetail)))]
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<RequestDetail>, Failure> {
    request(&app, &id).await
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The `seen` of the request, as it was read.
    seen: String,
}

/// Approve a request
///
/// All tokens together are one approver. With the last approval that is needed the person is invited.
#[utoipa::path(post, path = "/api/v1/requests/{id}/approve", tag = "requests", operation_id = "approve_request",
    params(("id" = String, Path, description = "The request's id")), security(("token" = ["approve"])),
    request_body = Approve,
    responses((status = 200, description = "The request as it is now", body = RequestDetail)))]
pub async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Approve>,
) -> Result<Json<RequestDetail>, Failure> {
    service::approve(&app, &id, &says.seen, &caller.actor()).await?;
    request(&app, &id).await
}

/// A refusal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// The `seen` of the request, as it was read.
    seen: String,
    /// Why: one line, which the person reads.
    note: String,
}

/// Refuse a request
#[utoipa::path(post, path = "/api/v1/requests/{id}/refuse", tag = "requests", operation_id = "refuse_request",
    params(("id" = String, Path, description = "The request's id")), security(("token" = ["approve"])),
    request_body = Refuse,
    responses((status = 200, description = "The request as it is now", body = RequestDetail)))]
pub async fn refuse(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Refuse>,
) -> Result<Json<RequestDetail>, Failure> {
    service::refuse(&app, &id, &says.seen, &says.note, &caller.actor()).await?;
    request(&app, &id).await
}
