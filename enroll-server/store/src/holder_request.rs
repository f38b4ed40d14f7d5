//! What holders ask for on their own pages, and who approved it.

use std::time::Duration;

use enroll_server_model::{Actor, CameBy, PolicyName, RequestState, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// How long a request waits for an approval.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The columns of a [`HolderRequest`], of `holder_requests r`.
macro_rules! request_columns {
    () => {
        "r.id, r.holder_id, r.policy, r.reason, r.came_by, r.name, r.email, r.upn, r.approvals, r.state, r.created, \
         r.expires, r.ended, r.ended_by, r.note, r.difference, r.invitation_id"
    };
}
pub(crate) use request_columns;

/// A request for another phone.
#[derive(Clone, Debug)]
pub struct HolderRequest {
    /// Random id.
    pub id: String,
    /// Who asks.
    pub holder_id: String,
    /// The enrollment policy that they chose.
    pub policy: PolicyName,
    /// Why, as they said.
    pub reason: String,
    /// How they had come to their pages.
    pub came_by: CameBy,
    /// Their name when they asked.
    pub name: String,
    /// Their mail address when they asked.
    pub email: String,
    /// Their user principal name when they asked.
    pub upn: String,
    /// How many must approve it, as the policy of that time was.
    pub approvals: i64,
    /// What has become of it, but for [expiry](Self::state_at).
    pub state: RequestState,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it waits.
    pub expires: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Who ended it: the name.
    pub ended_by: String,
    /// What whoever ended it had to say.
    pub note: String,
    /// What whoever decided saw of it, as JSON; empty where nobody did.
    pub difference: String,
    /// The invitation that it came to.
    pub invitation_id: Option<String>,
}

from_row!(HolderRequest {
    id,
    holder_id,
    policy,
    reason,
    came_by: text,
    name,
    email,
    upn,
    approvals,
    state: text,
    created,
    expires,
    ended,
    ended_by,
    note,
    difference,
    invitation_id
});

impl HolderRequest {
    /// What the request is at a given time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> RequestState {
        if self.state == RequestState::Waiting && !self.expires.still_holds(LIFETIME, now) {
            RequestState::Expired
        } else {
            self.state
        }
    }
}

/// A request with the names that its holder has now.
#[derive(Clone, Debug)]
pub struct RequestSummary {
    /// The request.
    pub request: HolderRequest,
    /// The name of the holder.
    pub holder_name: String,
    /// The holder's mail address.
    pub holder_email: String,
    /// The holder's user principal name.
    pub holder_upn: String,
}

from_row!(RequestSummary {
    request: whole,
    holder_name,
    holder_email,
    holder_upn
});

/// Somebody's approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Whether an account or a token of the API.
    pub actor_kind: String,
    /// Its id.
    pub actor_id: String,
    /// Its name at that time.
    pub actor_name: String,
    /// What they saw, as SHA-256.
    pub seen: String,
    /// When.
    pub at: Timestamp,
}

from_row!(Approval {
    actor_kind,
    actor_id,
    actor_name,
    seen,
    at
});

/// Adds a request.
///
/// # Errors
/// If the holder has one that waits, or the database fails.
pub async fn insert(tx: &mut Transaction, row: &HolderRequest) -> Result<()> {
    sqlx::query(
        "INSERT INTO holder_requests (id, holder_id, policy, reason, came_by, name, email, upn, approvals, state, created, \
         expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&row.id)
    .bind(&row.holder_id)
    .bind(row.policy.clone())
    .bind(&row.reason)
    .bind(row.came_by)
    .bind(&row.name)
    .bind(&row.email)
    .bind(&row.upn)
    .bind(row.approvals)
    .bind(row.state)
    .bind(row.created)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The request with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<HolderRequest>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        request_columns!(),
        " FROM holder_requests r WHERE r.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The requests of a holder, newest first.
pub async fn of_holder<'e>(on: impl Reader<'e>, holder_id: &str) -> Result<Vec<HolderRequest>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        request_columns!(),
        " FROM holder_requests r WHERE r.holder_id = $1 ORDER BY r.created DESC, r.id DESC",
    ))
    .bind(holder_id)
    .fetch_all(on)
    .await?)
}

/// The request of a holder that waits, if they have one.
pub async fn waiting_of_holder<'e>(
    on: impl Reader<'e>,
    holder_id: &str,
) -> Result<Option<HolderRequest>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        request_columns!(),
        " FROM holder_requests r WHERE r.holder_id = $1 AND r.state = 'waiting'",
    ))
    .bind(holder_id)
    .fetch_optional(on)
    .await?)
}

/// Requests that wait and were made at a time or before it, the earliest first.
pub async fn made_before<'e>(
    on: impl Reader<'e>,
    time: Timestamp,
    most: i64,
) -> Result<Vec<HolderRequest>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        request_columns!(),
        " FROM holder_requests r WHERE r.state = 'waiting' AND r.created <= $1 ORDER BY r.created, r.id LIMIT $2",
    ))
    .bind(time)
    .bind(most)
    .fetch_all(on)
    .await?)
}

/// How a request ends.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What becomes of it.
    pub state: RequestState,
    /// When.
    pub at: Timestamp,
    /// Who ends it: the name.
    pub by: String,
    /// What they have to say.
    pub note: String,
    /// What they saw of it, as JSON; empty where nobody decides.
    pub difference: String,
    /// The invitation that it comes to.
    pub invitation_id: Option<String>,
}

/// Ends a request that waits. Returns whether it waited: of several that try at once, one gets `true`.
pub async fn end(tx: &mut Transaction, id: &str, ended: &Ended) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE holder_requests SET state = $1, ended = $2, ended_by = $3, note = $4, difference = $5, invitation_id = $6 \
         WHERE id = $7 AND state = 'waiting'",
    )
    .bind(ended.state)
    .bind(ended.at)
    .bind(&ended.by)
    .bind(&ended.note)
    .bind(&ended.difference)
    .bind(&ended.invitation_id)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Removes the requests of a holder, and who approved them.
pub async fn delete_of(tx: &mut Transaction, holder_id: &str) -> Result<()> {
    for statement in [
        "DELETE FROM request_approvals WHERE request_id IN (SELECT id FROM holder_requests WHERE holder_id = $1)",
        "DELETE FROM holder_requests WHERE holder_id = $1",
    ] {
        sqlx::query(statement)
            .bind(holder_id)
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Who approved a request, in the order of time.
pub async fn approvals<'e>(on: impl Reader<'e>, id: &str) -> Result<Vec<Approval>> {
    Ok(sqlx::query_as(
        "SELECT actor_kind, actor_id, actor_name, seen, at FROM request_approvals WHERE request_id = $1 \
         ORDER BY at, actor_id",
    )
    .bind(id)
    .fetch_all(on)
    .await?)
}

/// Puts an approval on record, in the place of one of before of the same account or token.
pub async fn approve(
    tx: &mut Transaction,
    id: &str,
    actor: &Actor,
    seen: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "DELETE FROM request_approvals WHERE request_id = $1 AND actor_kind = $2 AND actor_id = $3",
    )
    .bind(id)
    .bind(actor.kind)
    .bind(&actor.id)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "INSERT INTO request_approvals (request_id, actor_kind, actor_id, actor_name, seen, at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(actor.kind)
    .bind(&actor.id)
    .bind(&actor.name)
    .bind(seen)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}
