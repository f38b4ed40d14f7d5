//! What is to be sent to others. A row is written by the transaction that it tells of, so that none is lost
//! and none tells of what did not happen.
//!
//! Whoever sends a row takes it first: of several servers one gets it, for a time that the clock of the database measures.

use enroll_server_model::{DeliveryState, Outcome, Timestamp};
use sqlx::Row as _;

use crate::error::Result;
use crate::kind::Kind;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// Something that is sent, or was.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id, the same at each attempt.
    pub id: String,
    /// What goes out in one order: the id of a webhook.
    pub lane: String,
    /// The number of the event that it tells of.
    pub sequence: i64,
    /// When it happened.
    pub created: Timestamp,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_attempt: Timestamp,
    /// Which attempt is under way; empty if none is.
    pub lease: String,
    /// When it was delivered or given up.
    pub settled: Option<Timestamp>,
    /// How the last attempt ended.
    pub outcome: Option<Outcome>,
    /// What the other side said last.
    pub answer: String,
}

from_row!(Delivery {
    id,
    lane,
    sequence,
    created,
    state,
    attempts,
    next_attempt,
    lease,
    settled,
    outcome,
    answer
});

/// The columns of a [`Delivery`], of `outbox o`.
macro_rules! delivery_columns {
    () => {
        "o.id, o.lane, o.sequence, o.created, o.state, o.attempts, \
         o.next_attempt, o.lease, o.settled, o.outcome, o.answer"
    };
}

/// What time it is by the clock of the database.
pub async fn clock<'e>(on: impl Reader<'e>, kind: Kind) -> Result<Timestamp> {
    let statement = match kind {
        Kind::Sqlite => "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        Kind::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
    };
    Ok(sqlx::query(statement).fetch_one(on).await?.try_get(0)?)
}

/// What is to be sent first in a lane, whether it is its time or not.
pub async fn first<'e>(on: impl Reader<'e>, lane: &str) -> Result<Option<Delivery>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM outbox o WHERE o.lane = $1 AND o.state = 'waiting' ORDER BY o.sequence LIMIT 1",
    ))
    .bind(lane)
    .fetch_optional(on)
    .await?)
}

/// Takes what waits for an attempt, which is called `lease`. Returns whether it could be taken: of several that try at once,
/// one gets `true`.
pub async fn take(
    tx: &mut Transaction,
    id: &str,
    lease: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE outbox SET next_attempt = $1, lease = $2, attempts = attempts + 1 \
         WHERE id = $3 AND state = 'waiting' AND next_attempt <= $4",
    )
    .bind(until)
    .bind(lease)
    .bind(id)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// How an attempt ended, and what follows from it.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// What becomes of it.
    pub state: DeliveryState,
    /// When it is tried next, if it waits.
    pub next_attempt: Timestamp,
    /// When it was delivered or given up.
    pub settled: Option<Timestamp>,
    /// How the attempt ended.
    pub outcome: Outcome,
    /// What the other side said.
    pub answer: String,
}

/// Notes how the attempt `lease` ended. Returns whether it was its own still.
pub async fn settle(
    tx: &mut Transaction,
    id: &str,
    lease: &str,
    settlement: &Settlement,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE outbox SET state = $1, next_attempt = $2, settled = $3, outcome = $4, answer = $5, lease = '' \
         WHERE id = $6 AND lease = $7",
    )
    .bind(settlement.state)
    .bind(settlement.next_attempt)
    .bind(settlement.settled)
    .bind(settlement.outcome)
    .bind(&settlement.answer)
    .bind(id)
    .bind(lease)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Gives up what waits in a lane since before `before`: nobody takes it there, as the attempt has shown that is noted as `last`.
pub async fn give_up(
    tx: &mut Transaction,
    lane: &str,
    before: Timestamp,
    last: &Settlement,
) -> Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = 'failed', settled = $1, outcome = $2, answer = $3, lease = '' \
         WHERE lane = $4 AND state = 'waiting' AND created < $5",
    )
    .bind(last.settled)
    .bind(last.outcome)
    .bind(&last.answer)
    .bind(lane)
    .bind(before)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Has something sent now, whatever has become of it, as if it had not been tried. Returns whether nobody is at work on it.
pub async fn send_again(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE outbox SET state = 'waiting', attempts = 0, next_attempt = $1, settled = NULL, lease = '' \
         WHERE id = $2 AND (lease = '' OR next_attempt <= $1)",
    )
    .bind(now)
    .bind(id)
    .execute(tx.connection())
    .await?;
    tx.sends();
    Ok(changed_one(&result))
}

/// Ends all leases: nobody else can be at work.
pub async fn end_leases(tx: &mut Transaction) -> Result<()> {
    sqlx::query(
        "UPDATE outbox SET next_attempt = 0, lease = '' WHERE state = 'waiting' AND next_attempt > 0 AND lease <> ''",
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets right what a clock that went back left: what waits beyond `latest` waits no longer.
pub async fn set_right(tx: &mut Transaction, latest: Timestamp) -> Result<()> {
    sqlx::query("UPDATE outbox SET next_attempt = 0 WHERE state = 'waiting' AND next_attempt > $1")
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets what was delivered or given up before `before`, or in the future of a clock that went back since.
pub async fn forget(tx: &mut Transaction, before: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM outbox WHERE settled < $1 OR settled > $2")
        .bind(before)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The latest of a lane, newest first.
pub async fn latest<'e>(on: impl Reader<'e>, lane: &str, limit: i64) -> Result<Vec<Delivery>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM outbox o WHERE o.lane = $1 ORDER BY o.created DESC, o.id DESC LIMIT $2",
    ))
    .bind(lane)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// What has this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Delivery>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM outbox o WHERE o.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}
