//! What is sent to others: taken from the outbox by whoever sends it, and noted with how that ended. Each is sent until the
//! other side has taken it, so at least once, and always with the same id.

pub(crate) mod key;
pub mod mail;
pub(crate) mod outbox_key;
mod schedule;
pub mod webhook;

use std::collections::BTreeSet;
use std::time::Duration;

use enroll_server_model::{DeliveryState, Outcome, Timestamp, random};
use enroll_server_store::outbox::{self, Settlement};
use enroll_server_store::{StoreError, Transaction};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};

/// For how long somebody may be at work on an attempt, by the clock of the database. Another server begins one after that.
const LEASE: Duration = Duration::from_secs(60);
/// For how long an attempt to send may take: with the statements before and after it less than a lease.
pub const ATTEMPT: Duration = Duration::from_secs(20);
/// After how long what was delivered or given up is forgotten.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Most characters of an answer that are kept.
pub const LONGEST_ANSWER: usize = 200;

/// Most mails that are looked at together.
const MAILS_AT_ONCE: i64 = 16;

/// Where one thing is sent after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The events for the webhook with this id.
    Webhook(String),
    /// The one mail with this id.
    Mail(String),
}

/// An attempt to send something, which nobody else begins meanwhile.
#[derive(Debug)]
pub struct Attempt {
    id: String,
    lease: String,
    number: i64,
    created: Timestamp,
    lane: Lane,
    /// What is to be sent.
    pub parcel: Parcel,
}

/// What is to be sent.
#[derive(Debug)]
pub enum Parcel {
    /// An event, to a webhook.
    Event(webhook::Message),
    /// A mail.
    Mail(mail::Message),
    /// What it was about is not there any more.
    Nothing,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In which way.
    pub outcome: Outcome,
    /// What the other side said, or what stood against it.
    pub answer: String,
}

/// To be called before anything is sent: where no other server can be at work, what one left when it ended is sent at once.
pub async fn begin(app: &App) -> Result<()> {
    if app.is_alone() {
        app.store
            .write::<_, StoreError, _>(|tx| Box::pin(outbox::end_leases(tx)))
            .await?;
    }
    Ok(())
}

/// Waits until something was written here that is to be sent.
pub async fn written(app: &App) {
    app.store.to_send().await;
}

/// The lanes where it is time for an attempt, but those where one is under way.
pub async fn due(app: &App, busy: &BTreeSet<Lane>) -> Result<Vec<Lane>> {
    let now = now(app).await?;
    let mut due = Vec::new();
    let on = app.store.reader();
    for webhook in webhook::enabled(app).await? {
        let first = outbox::first(on, &webhook.id).await?;
        if first.is_some_and(|first| first.next_attempt <= now) {
            due.push(Lane::Webhook(webhook.id));
        }
    }
    if app.sends_mail {
        let mails = outbox::due_mails(on, now, MAILS_AT_ONCE).await?;
        due.extend(mails.into_iter().map(|mail| Lane::Mail(mail.id)));
    }
    due.retain(|lane| !busy.contains(lane));
    Ok(due)
}

/// Begins an attempt in a lane, to be made at once: none if nothing is due there any more, or somebody else has it.
pub async fn begin_attempt(app: &App, lane: &Lane) -> Result<Option<Attempt>> {
    let now = now(app).await?;
    let found = match lane {
        Lane::Webhook(id) => webhook::next(app, id).await?,
        Lane::Mail(id) => outbox::by_id(app.store.reader(), id)
            .await?
            .map(|mail| (None, mail)),
    };
    let Some((webhook, first)) = found.filter(|(_, first)| first.next_attempt <= now) else {
        return Ok(None);
    };
    let lease = random::id()?;
    let (id, name) = (first.id.clone(), lease.clone());
    let is_taken = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { outbox::take(tx, &id, &name, now, now.plus(LEASE)).await })
        })
        .await?;
    if !is_taken {
        return Ok(None);
    }
    let parcel = match webhook {
        Some(webhook) => webhook::message(app, &webhook, &first)
            .await?
            .map(Parcel::Event),
        None => mail::message(app, &first.id).await?.map(Parcel::Mail),
    };
    Ok(Some(Attempt {
        id: first.id,
        lease,
        number: first.attempts + 1,
        created: first.created,
        lane: lane.clone(),
        parcel: parcel.unwrap_or(Parcel::Nothing),
    }))
}

/// Notes how an attempt ended.
pub async fn settle(app: &App, attempt: Attempt, report: Report) -> Result<()> {
    let now = now(app).await?;
    // By the clock by which it is dated.
    let dated = app.clock.now();
    let age = dated.since(attempt.created).unwrap_or_default();
    let next = match report.outcome {
        Outcome::Taken | Outcome::Gone | Outcome::Rejected => None,
        Outcome::Refused | Outcome::Unreachable | Outcome::NotAllowed | Outcome::TimedOut => {
            schedule::after(attempt.number, age)?
        }
    };
    let state = match (report.outcome, next) {
        (Outcome::Taken, _) => DeliveryState::Delivered,
        (_, Some(_)) => DeliveryState::Waiting,
        (_, None) => DeliveryState::Failed,
    };
    let settlement = Settlement {
        state,
        next_attempt: next.map_or(now, |pause| now.plus(pause)),
        settled: next.is_none().then_some(now),
        outcome: report.outcome,
        answer: report.answer.chars().take(LONGEST_ANSWER).collect(),
    };
    // What waited behind it as long is not tried one by one, each for as long as a dead receiver keeps one waiting.
    let overdue = dated.minus(schedule::TRIED_FOR);
    let Attempt {
        id, lease, lane, ..
    } = attempt;
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let is_own = outbox::settle(tx, &id, &lease, &settlement).await?;
                if let (true, DeliveryState::Failed, Lane::Webhook(lane)) =
                    (is_own, settlement.state, &lane)
                {
                    outbox::give_up(tx, lane, overdue, &settlement).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// Has something sent again, or now, with the id that it has.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while it is being sent.
pub(crate) async fn send_again(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<()> {
    if outbox::send_again(tx, id, now).await? {
        return Ok(());
    }
    match outbox::by_id(tx.reader(), id).await? {
        Some(_) => Err(Conflict::BeingSent.into()),
        None => Err(Error::NotFound(Object::Delivery)),
    }
}

/// What time it is by the clock of the database.
pub(crate) async fn now(app: &App) -> Result<Timestamp> {
    Ok(outbox::clock(app.store.reader(), app.store.kind()).await?)
}

/// Forgets what is long over, and sets right what a clock that went back left.
pub(crate) async fn tidy(app: &App) -> Result<()> {
    let now = now(app).await?;
    let (before, latest) = (now.minus(KEPT), now.plus(schedule::LONGEST));
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                outbox::set_right(tx, latest).await?;
                outbox::forget(tx, before, latest).await
            })
        })
        .await?;
    Ok(())
}
