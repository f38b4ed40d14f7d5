//! Rate limits that several servers share, by the generic cell rate algorithm: a bucket is one time, the one at
//! which it will be empty again.

use std::time::Duration;

use sqlx::Row;

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::transaction::Transaction;

/// How much a bucket takes.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// How many requests at once.
    pub burst: u32,
    /// After how long there is room for one more.
    pub interval: Duration,
}

/// Puts one request into a bucket. Returns how long to wait if it is full.
pub async fn take(
    tx: &mut Transaction,
    bucket: &str,
    limit: Limit,
    now: Timestamp,
) -> Result<Option<Duration>> {
    let full = now.plus(limit.interval.saturating_mul(limit.burst));
    let taken = sqlx::query(
        "INSERT INTO rate_limits (bucket, empty_again) VALUES ($1, $2) \
         ON CONFLICT (bucket) DO UPDATE SET empty_again = \
         CASE WHEN rate_limits.empty_again > $3 THEN rate_limits.empty_again + ($2 - $3) ELSE $2 END \
         WHERE rate_limits.empty_again + ($2 - $3) <= $4 RETURNING empty_again",
    )
    .bind(bucket)
    .bind(now.plus(limit.interval))
    .bind(now)
    .bind(full)
    .fetch_optional(tx.connection())
    .await?;
    if taken.is_some() {
        return Ok(None);
    }
    let row = sqlx::query("SELECT empty_again FROM rate_limits WHERE bucket = $1")
        .bind(bucket)
        .fetch_one(tx.connection())
        .await?;
    let empty_again: Timestamp = row.try_get(0)?;
    Ok(Some(empty_again.plus(limit.interval).since(full)))
}

/// Forgets buckets that are empty.
pub async fn forget_empty(tx: &mut Transaction, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM rate_limits WHERE empty_again < $1")
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
