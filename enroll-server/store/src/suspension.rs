//! Who suspended a phone or a holder, since when and why.

use enroll_server_model::{ObjectKind, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A suspension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub since: Timestamp,
    /// The name of the administrator.
    pub suspended_by: String,
    /// Why, in their words; empty where they gave none.
    pub note: String,
}

from_row!(Suspension {
    since,
    suspended_by,
    note
});

/// Records the suspension of a phone or a holder. Returns whether there was none yet.
pub async fn insert(
    tx: &mut Transaction,
    kind: ObjectKind,
    id: &str,
    row: &Suspension,
) -> Result<bool> {
    let result = sqlx::query(
        "INSERT INTO suspensions (object_kind, object_id, since, suspended_by, note) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (object_kind, object_id) DO NOTHING",
    )
    .bind(kind)
    .bind(id)
    .bind(row.since)
    .bind(&row.suspended_by)
    .bind(&row.note)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Ends the suspension of a phone or a holder. Returns whether there was one.
pub async fn delete(tx: &mut Transaction, kind: ObjectKind, id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM suspensions WHERE object_kind = $1 AND object_id = $2")
        .bind(kind)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// The suspension of a phone or a holder, if it is suspended by itself.
pub async fn of<'e>(on: impl Reader<'e>, kind: ObjectKind, id: &str) -> Result<Option<Suspension>> {
    Ok(sqlx::query_as(
        "SELECT since, suspended_by, note FROM suspensions WHERE object_kind = $1 AND object_id = $2",
    )
    .bind(kind)
    .bind(id)
    .fetch_optional(on)
    .await?)
}
