//! The audit trail.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use enroll_server_model::{EventKind, ObjectKind, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, EventFilter, EventSummary};

use crate::api::body::Asked;
use crate::api::failure::{Failure, Unreadable};
use crate::api::page::{Listed, Paging};
use crate::api::schema;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    /// Its number; none is missing.
    sequence: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What.
    #[schema(schema_with = schema::event_kind)]
    kind: &'static str,
    /// Who.
    actor: Actor,
    /// To what.
    object: Object,
    /// What else there is to know; which members it has depends on the kind.
    #[schema(value_type = HashMap<String, Value>)]
    detail: Map<String, Value>,
    /// The seal: SHA-256 over the event and the one before it.
    hash: String,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// What kind of actor.
    #[schema(schema_with = schema::actor_kind)]
    kind: &'static str,
    /// The id of an administrator, invitation, phone or token; empty for the others.
    id: String,
    /// The name that people know.
    name: String,
    /// The address that the request came from.
    source: String,
}

/// To what something happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Object {
    /// What kind of object.
    #[schema(schema_with = schema::object_kind)]
    kind: &'static str,
    /// Its id.
    id: String,
    /// The name of the person whose it is.
    person_name: Option<String>,
    /// The name of the phone.
    phone_name: Option<String>,
}

impl From<EventSummary> for Event {
    fn from(summary: EventSummary) -> Self {
        let event = summary.event;
        Self {
            sequence: event.sequence,
            at: event.at.rfc3339(),
            kind: event.kind.as_str(),
            actor: Actor {
                kind: event.actor_kind.as_str(),
                id: event.actor_id,
                name: event.actor_name,
                source: event.source,
            },
            object: Object {
                kind: event.object_kind.as_str(),
                id: event.object_id,
                person_name: summary.holder_name,
                phone_name: summary.phone_name,
            },
            detail: serde_json::from_str(&event.detail).unwrap_or_default(),
            hash: event.hash,
        }
    }
}

/// Which events are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichEvents {
    /// Those about this kind of object.
    #[param(schema_with = schema::object_kind)]
    about: Option<String>,
    /// Those of this kind.
    #[param(schema_with = schema::event_kind)]
    kind: Option<String>,
    /// Those about people in whose names all these words are found, and about what is theirs.
    #[serde(default)]
    person: String,
    /// Those by the administrator with this id.
    #[serde(default)]
    actor: String,
    /// Those from this address.
    #[serde(default)]
    source: String,
    /// Those of this time and later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Those before this time.
    #[param(format = DateTime)]
    to: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

fn time(text: Option<&str>, parameter: &'static str) -> Result<Option<Timestamp>, Unreadable> {
    let at = text.map(|text| Timestamp::from_rfc3339(text).ok_or(Unreadable::Word(parameter)));
    at.transpose()
}

/// Audit events, newest first
#[utoipa::path(get, path = "/api/v1/events", tag = "events", operation_id = "list_events",
    params(WhichEvents), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Event>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichEvents>,
) -> Result<Json<Listed<Event>>, Response> {
    let about = which.about.as_deref().map(str::parse::<ObjectKind>);
    let kind = which.kind.as_deref().map(str::parse::<EventKind>);
    let filter = EventFilter {
        about: about
            .transpose()
            .map_err(|_| Unreadable::Word("about").into_response())?,
        kind: kind
            .transpose()
            .map_err(|_| Unreadable::Word("kind").into_response())?,
        person: which.person,
        actor: which.actor,
        source: which.source,
        since: time(which.from.as_deref(), "from").map_err(IntoResponse::into_response)?,
        until: time(which.to.as_deref(), "to").map_err(IntoResponse::into_response)?,
    };
    let paging = Paging::read("events", None, which.after.as_deref(), which.limit)
        .map_err(IntoResponse::into_response)?;
    let found = query::events(&app, &filter, true, paging.wanted(&filter.person)).await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(paging.listed(found, Event::from)))
}
