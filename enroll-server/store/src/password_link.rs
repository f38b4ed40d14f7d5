//! Links by which the owner of an account sets its password. Only the SHA-256 of a link's token is kept.

use enroll_server_model::{LinkState, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A link.
#[derive(Clone, Debug)]
pub struct PasswordLink {
    /// SHA-256 of its token, lower-case hexadecimal.
    pub token_hash: String,
    /// Whose password it sets.
    pub administrator_id: String,
    /// The id of who made it.
    pub made_by: String,
    /// What became of it.
    pub state: LinkState,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it can be used.
    pub expires: Timestamp,
}

from_row!(PasswordLink {
    token_hash,
    administrator_id,
    made_by,
    state: text,
    created,
    expires
});

/// Adds a link.
pub async fn insert(tx: &mut Transaction, row: &PasswordLink) -> Result<()> {
    sqlx::query(
        "INSERT INTO password_links (token_hash, administrator_id, made_by, state, created, expires) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row.token_hash)
    .bind(&row.administrator_id)
    .bind(&row.made_by)
    .bind(row.state)
    .bind(row.created)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The link whose token has this SHA-256.
pub async fn by_token_hash<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
) -> Result<Option<PasswordLink>> {
    Ok(sqlx::query_as(
        "SELECT token_hash, administrator_id, made_by, state, created, expires FROM password_links \
         WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// The link of an account that nothing has ended yet, if there is one; it may have expired.
pub async fn open_of<'e>(
    on: impl Reader<'e>,
    administrator_id: &str,
) -> Result<Option<PasswordLink>> {
    Ok(sqlx::query_as(
        "SELECT token_hash, administrator_id, made_by, state, created, expires FROM password_links \
         WHERE administrator_id = $1 AND state = 'open' ORDER BY created DESC LIMIT 1",
    )
    .bind(administrator_id)
    .fetch_optional(on)
    .await?)
}

/// Uses a link up. Returns whether it was open.
pub async fn use_up(tx: &mut Transaction, token_hash: &str) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE password_links SET state = 'used' WHERE token_hash = $1 AND state = 'open'",
    )
    .bind(token_hash)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Ends the open links of an account: something else took their place.
pub async fn replace(tx: &mut Transaction, administrator_id: &str) -> Result<()> {
    sqlx::query(
        "UPDATE password_links SET state = 'replaced' WHERE administrator_id = $1 AND state = 'open'",
    )
    .bind(administrator_id)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends the open links that somebody made. Returns how many.
pub async fn replace_made_by(tx: &mut Transaction, administrator_id: &str) -> Result<u64> {
    let result = sqlx::query(
        "UPDATE password_links SET state = 'replaced' WHERE made_by = $1 AND state = 'open'",
    )
    .bind(administrator_id)
    .execute(tx.connection())
    .await?;
    Ok(result.rows_affected())
}

/// Forgets the links of an account.
pub async fn delete_of(tx: &mut Transaction, administrator_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM password_links WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets links that expired before this time.
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM password_links WHERE expires < $1")
        .bind(before)
        .execute(tx.connection())
        .await?;
    Ok(())
}
