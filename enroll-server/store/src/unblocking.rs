//! That somebody allows a phone's holder a new PIN, at most once at a time for a phone.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// That a new PIN is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unblocking {
    /// What the code is made of.
    pub seed: String,
    /// When it was allowed.
    pub allowed: Timestamp,
    /// The name of who allowed it.
    pub allowed_by: String,
    /// When it ends.
    pub expires: Timestamp,
    /// How many wrong codes came.
    pub wrong: i64,
    /// When the right one came.
    pub used: Option<Timestamp>,
}

from_row!(Unblocking {
    seed,
    allowed,
    allowed_by,
    expires,
    wrong,
    used
});

/// What is allowed to a phone, or was last.
pub async fn of_phone<'e>(on: impl Reader<'e>, phone_id: &str) -> Result<Option<Unblocking>> {
    Ok(sqlx::query_as(
        "SELECT seed, allowed, allowed_by, expires, wrong, used FROM pin_unblockings WHERE phone_id = $1",
    )
    .bind(phone_id)
    .fetch_optional(on)
    .await?)
}

/// Allows it, in place of what was before.
pub async fn put(tx: &mut Transaction, phone_id: &str, row: &Unblocking) -> Result<()> {
    sqlx::query(
        "INSERT INTO pin_unblockings (phone_id, seed, allowed, allowed_by, expires, wrong, used) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (phone_id) DO UPDATE SET seed = excluded.seed, \
         allowed = excluded.allowed, allowed_by = excluded.allowed_by, expires = excluded.expires, \
         wrong = excluded.wrong, used = excluded.used",
    )
    .bind(phone_id)
    .bind(&row.seed)
    .bind(row.allowed)
    .bind(&row.allowed_by)
    .bind(row.expires)
    .bind(row.wrong)
    .bind(row.used)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes it back. Returns whether there was one.
pub async fn delete(tx: &mut Transaction, phone_id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM pin_unblockings WHERE phone_id = $1")
        .bind(phone_id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Counts a wrong code.
pub async fn count_wrong(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    sqlx::query("UPDATE pin_unblockings SET wrong = wrong + 1 WHERE phone_id = $1")
        .bind(phone_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Notes when the right code came first, after which it ends sooner.
pub async fn note_use(
    tx: &mut Transaction,
    phone_id: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE pin_unblockings SET used = $1, expires = $2 WHERE phone_id = $3")
        .bind(now)
        .bind(expires)
        .bind(phone_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}
