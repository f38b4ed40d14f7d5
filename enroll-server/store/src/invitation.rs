//! Invitations. Only the SHA-256 of an invitation's token is kept.

use std::time::Duration;

use enroll_server_model::{InvitationState, PolicyName, StoredState, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// How long an invitation can be used.
pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The columns of an [`Invitation`], of `invitations i`.
macro_rules! invitation_columns {
    () => {
        "i.id, i.holder_id, i.profile, i.policy_version, i.token_hash, i.state, i.created, \
         i.created_by, i.expires, i.used_at, i.cancelled_at, i.phone_id, i.request_digest, \
         i.lease_until, i.link_seed, i.replaces"
    };
}
pub(crate) use invitation_columns;

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Random id; not the token.
    pub id: String,
    /// Who is invited.
    pub holder_id: String,
    /// The enrollment policy: which keys the phone is asked to make.
    pub policy: PolicyName,
    /// The version of the policy.
    pub policy_version: i64,
    /// What its token is made of, with a key that the database has encrypted; none if its token is nothing but random.
    pub link_seed: Option<String>,
    /// SHA-256 of the token.
    pub token_hash: String,
    /// What has become of it, but for expiry: see [`Invitation::state_at`].
    pub state: StoredState,
    /// When it was made.
    pub created: Timestamp,
    /// Who invited: the administrator's name.
    pub created_by: String,
    /// Until when it can be used.
    pub expires: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The phone that was enrolled with it.
    pub phone_id: Option<String>,
    /// SHA-256 over the slots and public keys of the request that used it.
    pub request_digest: Option<String>,
    /// Until when the request that used it may still be at work; none once its phone was revoked.
    pub lease_until: Option<Timestamp>,
    /// The id of the phone that the one enrolled with it takes the place of.
    pub replaces: Option<String>,
}

from_row!(Invitation {
    id,
    holder_id,
    policy: "profile",
    policy_version,
    token_hash,
    state,
    created,
    created_by,
    expires,
    used_at,
    cancelled_at,
    phone_id,
    request_digest,
    lease_until,
    link_seed,
    replaces
});

impl Invitation {
    /// What the invitation is at a given time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> InvitationState {
        match self.state {
            StoredState::Pending if !self.expires.still_holds(LIFETIME, now) => {
                InvitationState::Expired
            }
            StoredState::Pending => InvitationState::Pending,
            StoredState::Used => InvitationState::Used,
            StoredState::Cancelled => InvitationState::Cancelled,
        }
    }
}

/// An invitation with what people are told of it.
#[derive(Clone, Debug)]
pub struct InvitationSummary {
    /// The invitation.
    pub invitation: Invitation,
    /// The name of the holder invited.
    pub holder_name: String,
    /// The holder's mail address.
    pub holder_email: String,
    /// The holder's user principal name.
    pub holder_upn: String,
}

from_row!(InvitationSummary {
    invitation: whole,
    holder_name,
    holder_email,
    holder_upn
});

/// Adds an invitation.
pub async fn insert(tx: &mut Transaction, row: &Invitation) -> Result<()> {
    sqlx::query(
        "INSERT INTO invitations (id, holder_id, profile, policy_version, token_hash, state, created, created_by, \
         expires, link_seed, replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(&row.id)
    .bind(&row.holder_id)
    .bind(row.policy.clone())
    .bind(row.policy_version)
    .bind(&row.token_hash)
    .bind(row.state)
    .bind(row.created)
    .bind(&row.created_by)
    .bind(row.expires)
    .bind(&row.link_seed)
    .bind(&row.replaces)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The invitation with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Invitation>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        " FROM invitations i WHERE i.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The invitation whose token has this SHA-256.
pub async fn by_token_hash<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
) -> Result<Option<Invitation>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        " FROM invitations i WHERE i.token_hash = $1",
    ))
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// The invitation with this id, and who is invited.
pub async fn summary<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<InvitationSummary>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn FROM invitations i \
         JOIN holders h ON h.id = i.holder_id WHERE i.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The invitations of a holder, newest first.
pub async fn of_holder<'e>(on: impl Reader<'e>, holder_id: &str) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        " FROM invitations i WHERE i.holder_id = $1 ORDER BY i.created DESC, i.id DESC",
    ))
    .bind(holder_id)
    .fetch_all(on)
    .await?)
}

/// The invitations that a phone was enrolled with, newest first.
pub async fn of_phone<'e>(on: impl Reader<'e>, phone_id: &str) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        " FROM invitations i WHERE i.phone_id = $1 ORDER BY i.created DESC, i.id DESC",
    ))
    .bind(phone_id)
    .fetch_all(on)
    .await?)
}

/// The invitations of phones that take the place of this one, newest first.
pub async fn replacing<'e>(on: impl Reader<'e>, phone_id: &str) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        " FROM invitations i WHERE i.replaces = $1 ORDER BY i.created DESC, i.id DESC",
    ))
    .bind(phone_id)
    .fetch_all(on)
    .await?)
}

/// Notes of a phone that nobody takes its place: it has come back.
pub async fn replace_no_more(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    sqlx::query("UPDATE invitations SET replaces = NULL WHERE replaces = $1")
        .bind(phone_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The invitations of a holder that can be used at a given time, newest first.
pub async fn open_of_holder<'e>(
    on: impl Reader<'e>,
    holder_id: &str,
    now: Timestamp,
) -> Result<Vec<Invitation>> {
    let mut all = of_holder(on, holder_id).await?;
    all.retain(|invitation| invitation.state_at(now) == InvitationState::Pending);
    Ok(all)
}

/// Removes the invitations of a holder.
pub async fn delete_of(tx: &mut Transaction, holder_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM invitations WHERE holder_id = $1")
        .bind(holder_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Cancels a pending invitation. Returns whether it was still pending and in time.
pub async fn cancel(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE invitations SET state = 'cancelled', cancelled_at = $1 \
         WHERE id = $2 AND state = 'pending' AND expires > $1 AND expires <= $3",
    )
    .bind(now)
    .bind(id)
    .bind(now.latest_end(LIFETIME))
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Gives an invitation that is pending another link. Returns whether it was pending.
pub async fn set_link(
    tx: &mut Transaction,
    id: &str,
    seed: &str,
    token_hash: &str,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE invitations SET link_seed = $1, token_hash = $2 WHERE id = $3 AND state = 'pending'",
    )
    .bind(seed)
    .bind(token_hash)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Uses an invitation up, for the request with this digest. Returns whether it was still pending and in time: of
/// several that try at once, one gets `true`.
pub async fn claim(
    tx: &mut Transaction,
    id: &str,
    phone_id: &str,
    request_digest: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE invitations SET state = 'used', used_at = $1, phone_id = $2, request_digest = $3, lease_until = $4 \
         WHERE id = $5 AND state = 'pending' AND expires > $1 AND expires <= $6",
    )
    .bind(now)
    .bind(phone_id)
    .bind(request_digest)
    .bind(lease_until)
    .bind(id)
    .bind(now.latest_end(LIFETIME))
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Ends the work of the requests that used invitations for a phone, finished or not: nobody takes it over.
pub async fn end_work(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    sqlx::query(
        "UPDATE invitations SET lease_until = NULL WHERE phone_id = $1 AND lease_until IS NOT NULL",
    )
    .bind(phone_id)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes over the work of a request whose lease has run out without an answer, or ends after `latest`: the clock went
/// back since. Returns whether it could be taken: of several that try at once, one gets `true`.
pub async fn take_over(
    tx: &mut Transaction,
    id: &str,
    now: Timestamp,
    latest: Timestamp,
    lease_until: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE invitations SET lease_until = $1 WHERE id = $2 AND state = 'used' \
         AND (lease_until <= $3 OR lease_until > $4)",
    )
    .bind(lease_until)
    .bind(id)
    .bind(now)
    .bind(latest)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}
