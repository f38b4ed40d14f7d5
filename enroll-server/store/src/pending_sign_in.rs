//! Whoever has given a password and is asked for a second factor. Only the SHA-256 of the browser's token is kept.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A sign-in that waits for its second factor.
#[derive(Clone, Debug)]
pub struct PendingSignIn {
    /// SHA-256 of the token that the browser holds, lower-case hexadecimal.
    pub token_hash: String,
    /// Who gave the password.
    pub administrator_id: String,
    /// Until when it waits.
    pub expires: Timestamp,
    /// How many codes were wrong.
    pub refused: i64,
}

from_row!(PendingSignIn {
    token_hash,
    administrator_id,
    expires,
    refused
});

/// Adds one.
pub async fn insert(tx: &mut Transaction, row: &PendingSignIn) -> Result<()> {
    sqlx::query(
        "INSERT INTO pending_sign_ins (token_hash, administrator_id, expires, refused) VALUES ($1, $2, $3, $4)",
    )
    .bind(&row.token_hash)
    .bind(&row.administrator_id)
    .bind(row.expires)
    .bind(row.refused)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The one whose token has this SHA-256.
pub async fn by_token_hash<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
) -> Result<Option<PendingSignIn>> {
    Ok(sqlx::query_as(
        "SELECT token_hash, administrator_id, expires, refused FROM pending_sign_ins WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// Notes that a code was wrong.
pub async fn refuse(tx: &mut Transaction, token_hash: &str) -> Result<()> {
    sqlx::query("UPDATE pending_sign_ins SET refused = refused + 1 WHERE token_hash = $1")
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes one. Returns whether there was one.
pub async fn delete(tx: &mut Transaction, token_hash: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM pending_sign_ins WHERE token_hash = $1")
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Removes those of an account.
pub async fn delete_of(tx: &mut Transaction, administrator_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM pending_sign_ins WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets those that wait no longer, and those that would wait after `latest`: the clock went back since.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM pending_sign_ins WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
