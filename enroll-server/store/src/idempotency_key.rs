//! Keys under which programs ask for something, so that a repetition of the request does nothing twice.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, from_row};
use crate::transaction::Transaction;

/// What was done for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The id of the token that it was used with.
    pub token_id: String,
    /// The key.
    pub key: String,
    /// SHA-256 of the request, hexadecimal.
    pub digest: String,
    /// The id of the invitation that was made.
    pub invitation_id: String,
    /// What its link was made of.
    pub link_seed: String,
    /// When.
    pub created: Timestamp,
}

from_row!(IdempotencyKey {
    token_id,
    key,
    digest,
    invitation_id,
    link_seed,
    created
});

/// Adds a key.
///
/// # Errors
/// If the token has used it already, or the database fails.
pub async fn insert(tx: &mut Transaction, row: &IdempotencyKey) -> Result<()> {
    sqlx::query(
        "INSERT INTO idempotency_keys (token_id, key, digest, invitation_id, link_seed, created) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row.token_id)
    .bind(&row.key)
    .bind(&row.digest)
    .bind(&row.invitation_id)
    .bind(&row.link_seed)
    .bind(row.created)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What was done for a key of a token.
pub async fn get<'e>(
    on: impl Reader<'e>,
    token_id: &str,
    key: &str,
) -> Result<Option<IdempotencyKey>> {
    Ok(sqlx::query_as(
        "SELECT token_id, key, digest, invitation_id, link_seed, created FROM idempotency_keys \
         WHERE token_id = $1 AND key = $2",
    )
    .bind(token_id)
    .bind(key)
    .fetch_optional(on)
    .await?)
}

/// Forgets keys of before this time, and those of after `latest`: the clock went back since.
pub async fn forget(tx: &mut Transaction, before: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM idempotency_keys WHERE created < $1 OR created > $2")
        .bind(before)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
