//! Rate limits that several servers share, by the generic cell rate algorithm: a bucket is one time, the one at
//! which it will be empty again.

use std::time::Duration;

use sqlx::Row;

use enroll_server_model::{CLOCKS_DIFFER, Timestamp};

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
    // No bucket is fuller than full: one that is by far was filled by a clock that went back since, and begins again.
    let of_the_future = full.plus(CLOCKS_DIFFER);
    let taken = sqlx::query(
        "INSERT INTO rate_limits (bucket, empty_again) VALUES ($1, $2) \
         ON CONFLICT (bucket) DO UPDATE SET empty_again = \
         CASE WHEN rate_limits.empty_again > $3 AND rate_limits.empty_again <= $5 \
         THEN rate_limits.empty_again + ($2 - $3) ELSE $2 END \
         WHERE rate_limits.empty_again + ($2 - $3) <= $4 OR rate_limits.empty_again > $5 RETURNING empty_again",
    )
    .bind(bucket)
    .bind(now.plus(limit.interval))
    .bind(now)
    .bind(full)
    .bind(of_the_future)
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
    let room = empty_again.plus(limit.interval);
    Ok(Some(room.since(full).unwrap_or_default()))
}

/// What becomes of a request that may wait for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is its turn after this time.
    After(Duration),
    /// Too many wait already; how long until one more may.
    Full(Duration),
}

/// Puts one request into a bucket in which up to `waiting` requests wait for their turn when it is full: as many as that,
/// whoever sends them, so that waiting costs nothing.
pub async fn queue(
    tx: &mut Transaction,
    bucket: &str,
    limit: Limit,
    waiting: u32,
    now: Timestamp,
) -> Result<Turn> {
    let with_waiting = Limit {
        burst: limit.burst.saturating_add(waiting),
        interval: limit.interval,
    };
    if let Some(wait) = take(tx, bucket, with_waiting, now).await? {
        return Ok(Turn::Full(wait));
    }
    let row = sqlx::query("SELECT empty_again FROM rate_limits WHERE bucket = $1")
        .bind(bucket)
        .fetch_one(tx.connection())
        .await?;
    let empty_again: Timestamp = row.try_get(0)?;
    let full = now.plus(limit.interval.saturating_mul(limit.burst));
    Ok(Turn::After(empty_again.since(full).unwrap_or_default()))
}

/// Empties the bucket of this name, which has no wild card in it, and all whose names begin with it and a colon.
pub async fn empty(tx: &mut Transaction, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM rate_limits WHERE bucket = $1 OR bucket LIKE $2")
        .bind(name)
        .bind(format!("{name}:%"))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets buckets that are empty, and those that will be only after `latest`: longer than any bucket needs, since the
/// clock went back.
pub async fn forget_empty(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM rate_limits WHERE empty_again < $1 OR empty_again > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
