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
    /// When it ends by itself; none where somebody ends it.
    pub until: Option<Timestamp>,
}

from_row!(Suspension {
    since,
    suspended_by,
    note,
    until
});

/// Records the suspension of a phone or a holder. Returns whether there was none yet.
pub async fn insert(
    tx: &mut Transaction,
    kind: ObjectKind,
    id: &str,
    row: &Suspension,
) -> Result<bool> {
    let result = sqlx::query(
        "INSERT INTO suspensions (object_kind, object_id, since, suspended_by, note, until) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (object_kind, object_id) DO NOTHING",
    )
    .bind(kind)
    .bind(id)
    .bind(row.since)
    .bind(&row.suspended_by)
    .bind(&row.note)
    .bind(row.until)
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

/// Ends the suspension of a phone or a holder whose end has come. Returns whether it had.
pub async fn delete_due(
    tx: &mut Transaction,
    kind: ObjectKind,
    id: &str,
    now: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "DELETE FROM suspensions WHERE object_kind = $1 AND object_id = $2 AND until <= $3",
    )
    .bind(kind)
    .bind(id)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Has a suspension end by somebody alone.
pub async fn without_end(tx: &mut Transaction, kind: ObjectKind, id: &str) -> Result<()> {
    sqlx::query("UPDATE suspensions SET until = NULL WHERE object_kind = $1 AND object_id = $2")
        .bind(kind)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What is suspended until a time that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// A phone, or a holder.
    pub object_kind: ObjectKind,
    /// Its id.
    pub object_id: String,
}

from_row!(Due {
    object_kind,
    object_id
});

/// What is suspended until a time that has come, as far as `most`.
pub async fn due<'e>(on: impl Reader<'e>, now: Timestamp, most: i64) -> Result<Vec<Due>> {
    Ok(sqlx::query_as(
        "SELECT object_kind, object_id FROM suspensions WHERE until <= $1 ORDER BY until, object_id LIMIT $2",
    )
    .bind(now)
    .bind(most)
    .fetch_all(on)
    .await?)
}

/// The suspension of a phone or a holder, if it is suspended by itself.
pub async fn of<'e>(on: impl Reader<'e>, kind: ObjectKind, id: &str) -> Result<Option<Suspension>> {
    Ok(sqlx::query_as(
        "SELECT since, suspended_by, note, until FROM suspensions WHERE object_kind = $1 AND object_id = $2",
    )
    .bind(kind)
    .bind(id)
    .fetch_optional(on)
    .await?)
}
