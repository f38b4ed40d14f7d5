//! What is to be sent to others. A row is written by the transaction that it tells of, so that none is lost
//! and none tells of what did not happen.
//!
//! Whoever sends a row takes it first: of several servers one gets it, for a time that the clock of the database measures.

use enroll_server_model::{DeliveryState, MailKind, Outcome, Timestamp};
use sqlx::{AssertSqlSafe, Row as _};

use crate::error::Result;
use crate::kind::Kind;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// The lane of mails.
pub const MAIL: &str = "mail";

/// Something that is sent, or was.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id, the same at each attempt.
    pub id: String,
    /// What goes out in one order: the id of a webhook; of mails, which have no order, [`MAIL`].
    pub lane: String,
    /// An event for a webhook, or the word of a [`MailKind`](enroll_server_model::MailKind).
    pub kind: String,
    /// The id of what a mail is about.
    pub about: String,
    /// Where a mail goes.
    pub recipient: String,
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
    kind,
    about,
    recipient,
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
        "o.id, o.lane, o.kind, o.about, o.recipient, o.sequence, o.created, o.state, o.attempts, \
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

/// The mails whose time it is, but no more than `limit`. Those of a kind that we do not know are a newer server's.
pub async fn due_mails<'e>(
    on: impl Reader<'e>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let kinds: Vec<String> = MailKind::ALL
        .iter()
        .map(|kind| format!("'{}'", kind.as_str()))
        .collect();
    let statement = format!(
        concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM outbox o WHERE o.lane = 'mail' AND o.state = 'waiting' AND o.next_attempt <= $1 \
             AND o.kind IN ({}) ORDER BY o.next_attempt LIMIT $2",
        ),
        kinds.join(", "),
    );
    Ok(sqlx::query_as(AssertSqlSafe(statement))
        .bind(now)
        .bind(limit)
        .fetch_all(on)
        .await?)
}

/// The mails about something, newest first.
pub async fn mails_about<'e>(on: impl Reader<'e>, about: &str) -> Result<Vec<Delivery>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM outbox o WHERE o.about = $1 AND o.about <> '' ORDER BY o.created DESC, o.id DESC",
    ))
    .bind(about)
    .fetch_all(on)
    .await?)
}

/// A mail that is to be sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Its id, in its Message-ID too.
    pub id: String,
    /// What it says.
    pub kind: MailKind,
    /// The id of what it is about.
    pub about: String,
    /// Where it goes.
    pub recipient: String,
    /// When it was written.
    pub created: Timestamp,
}

/// Adds a mail.
pub async fn add_mail(tx: &mut Transaction, mail: &NewMail) -> Result<()> {
    sqlx::query(
        "INSERT INTO outbox (id, lane, sequence, created, state, next_attempt, kind, about, recipient) \
         VALUES ($1, 'mail', 0, $2, 'waiting', 0, $3, $4, $5)",
    )
    .bind(&mail.id)
    .bind(mail.created)
    .bind(mail.kind.as_str())
    .bind(&mail.about)
    .bind(&mail.recipient)
    .execute(tx.connection())
    .await?;
    tx.sends();
    Ok(())
}

/// Has a mail that waits go to another address, and keeps others from settling it meanwhile. Returns whether it waits.
pub async fn redirect(tx: &mut Transaction, id: &str, recipient: &str) -> Result<bool> {
    let result =
        sqlx::query("UPDATE outbox SET recipient = $1 WHERE id = $2 AND state = 'waiting'")
            .bind(recipient)
            .bind(id)
            .execute(tx.connection())
            .await?;
    Ok(changed_one(&result))
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
