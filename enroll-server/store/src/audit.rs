//! The audit trail: an append-only table whose rows are chained by hash.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use enroll_server_model::{ActorKind, Event, EventKind, NewEvent, ObjectKind, Timestamp};

use crate::error::{Result, StoreError};
use crate::sql::{Reader, from_row};

/// The columns of a [`RecordedEvent`], of `audit_events e`.
macro_rules! event_columns {
    () => {
        "e.sequence, e.at, e.kind, e.actor_kind, e.actor_id, e.actor_name, e.object_kind, \
         e.object_id, e.source, e.detail, e.hash"
    };
}
pub(crate) use event_columns;

/// An event on record.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// Its number; the first event is 1, and none is missing.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Who: the kind of actor.
    pub actor_kind: ActorKind,
    /// Who: the id of the administrator or invitation.
    pub actor_id: String,
    /// Who: the name that people know.
    pub actor_name: String,
    /// To what kind of object.
    pub object_kind: ObjectKind,
    /// The object's id.
    pub object_id: String,
    /// The address that the request came from; empty for the server itself.
    pub source: String,
    /// What else there is to know: a JSON object.
    pub detail: String,
    /// SHA-256 over the hash of the event before it and all of its own fields, in hexadecimal.
    pub hash: String,
}

from_row!(RecordedEvent {
    sequence,
    at,
    kind,
    actor_kind,
    actor_id,
    actor_name,
    object_kind,
    object_id,
    source,
    detail,
    hash
});

impl RecordedEvent {
    /// What happened, with its details.
    #[must_use]
    pub fn event(&self) -> Event {
        Event::read(self.kind, &self.detail)
    }

    /// The hash that the event must have if `previous` is the hash of the one before it.
    #[must_use]
    pub fn expected_hash(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        let numbers = [self.sequence.to_string(), self.at.0.to_string()];
        let fields = [
            previous,
            &numbers[0],
            &numbers[1],
            self.kind.as_str(),
            self.actor_kind.as_str(),
            &self.actor_id,
            &self.actor_name,
            self.object_kind.as_str(),
            &self.object_id,
            &self.source,
            &self.detail,
        ];
        for field in fields {
            // The length first, so that no two different events are the same bytes.
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        HEXLOWER.encode(&hash.finalize())
    }
}

/// Adds an event at the end of the chain. Returns its number.
pub(crate) async fn append(on: &mut AnyConnection, event: &NewEvent) -> Result<i64> {
    let head = sqlx::query(
        "UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash",
    )
    .fetch_one(&mut *on)
    .await?;
    let previous: String = head.try_get("hash")?;
    let mut row = RecordedEvent {
        sequence: head.try_get("sequence")?,
        at: event.at,
        kind: event.event.kind(),
        actor_kind: event.actor.kind,
        actor_id: event.actor.id.clone(),
        actor_name: event.actor.name.clone(),
        object_kind: event.event.object_kind(),
        object_id: event.object_id.clone(),
        source: event.actor.source.clone(),
        detail: event
            .event
            .detail()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?,
        hash: String::new(),
    };
    row.hash = row.expected_hash(&previous);
    sqlx::query(
        "INSERT INTO audit_events (sequence, at, kind, actor_kind, actor_id, actor_name, object_kind, object_id, \
         source, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(row.sequence)
    .bind(row.at)
    .bind(row.kind)
    .bind(row.actor_kind)
    .bind(&row.actor_id)
    .bind(&row.actor_name)
    .bind(row.object_kind)
    .bind(&row.object_id)
    .bind(&row.source)
    .bind(&row.detail)
    .bind(&row.hash)
    .execute(&mut *on)
    .await?;
    sqlx::query(
        "UPDATE audit_head SET hash = $1, latest = CASE WHEN latest < $2 THEN $2 ELSE latest END WHERE id = 1",
    )
    .bind(&row.hash)
    .bind(row.at)
    .execute(on)
    .await?;
    Ok(row.sequence)
}

/// The newest events about one object, newest first.
pub async fn about<'e>(
    on: impl Reader<'e>,
    kind: ObjectKind,
    id: &str,
    limit: i64,
) -> Result<Vec<RecordedEvent>> {
    Ok(sqlx::query_as(
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM audit_events e WHERE e.object_kind = $1 AND e.object_id = $2 ORDER BY e.sequence DESC LIMIT $3",
        ),
    )
    .bind(kind)
    .bind(id)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// The newest event of this kind about one object.
pub async fn latest<'e>(
    on: impl Reader<'e>,
    kind: EventKind,
    object: ObjectKind,
    id: &str,
) -> Result<Option<RecordedEvent>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        event_columns!(),
        " FROM audit_events e WHERE e.object_kind = $1 AND e.object_id = $2 AND e.kind = $3 \
         ORDER BY e.sequence DESC LIMIT 1",
    ))
    .bind(object)
    .bind(id)
    .bind(kind)
    .fetch_optional(on)
    .await?)
}

/// Events in the order in which they happened, from the one after `after` on.
pub async fn following<'e>(
    on: impl Reader<'e>,
    after: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        event_columns!(),
        " FROM audit_events e WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2",
    ))
    .bind(after)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// The event with this number.
pub async fn by_sequence<'e>(on: impl Reader<'e>, sequence: i64) -> Result<Option<RecordedEvent>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        event_columns!(),
        " FROM audit_events e WHERE e.sequence = $1",
    ))
    .bind(sequence)
    .fetch_optional(on)
    .await?)
}

/// The end of the chain: how many events there are, and the hash of the last.
pub async fn head<'e>(on: impl Reader<'e>) -> Result<(i64, String)> {
    let row = sqlx::query("SELECT sequence, hash FROM audit_head WHERE id = 1")
        .fetch_one(on)
        .await?;
    Ok((row.try_get("sequence")?, row.try_get("hash")?))
}
