//! Sessions of holders on their own pages. Only the SHA-256 of a session's token is kept. They end with what they stand on:
//! [`holder`](crate::holder) and [`phone`](crate::phone) end them with each state in which nobody may come in.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, from_row};
use crate::transaction::Transaction;

/// A session.
#[derive(Clone, Debug)]
pub struct HolderSession {
    /// SHA-256 of the token that the browser holds, lower-case hexadecimal.
    pub token_hash: String,
    /// Whose it is.
    pub holder_id: String,
    /// The phone that was shown to begin it, if one was.
    pub phone_id: Option<String>,
    /// When it ends whatever happens.
    pub expires: Timestamp,
}

from_row!(HolderSession {
    token_hash,
    holder_id,
    phone_id,
    expires
});

/// Adds a session.
pub async fn insert(tx: &mut Transaction, row: &HolderSession) -> Result<()> {
    sqlx::query(
        "INSERT INTO holder_sessions (token_hash, holder_id, phone_id, expires) VALUES ($1, $2, $3, $4)",
    )
    .bind(&row.token_hash)
    .bind(&row.holder_id)
    .bind(&row.phone_id)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The session whose token has this SHA-256.
pub async fn by_token_hash<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
) -> Result<Option<HolderSession>> {
    Ok(sqlx::query_as(
        "SELECT token_hash, holder_id, phone_id, expires FROM holder_sessions WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// Ends a session.
pub async fn delete(tx: &mut Transaction, token_hash: &str) -> Result<()> {
    sqlx::query("DELETE FROM holder_sessions WHERE token_hash = $1")
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends the sessions of a holder.
pub async fn delete_of(tx: &mut Transaction, holder_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM holder_sessions WHERE holder_id = $1")
        .bind(holder_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends the sessions that a phone was shown for.
pub async fn delete_of_phone(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM holder_sessions WHERE phone_id = $1")
        .bind(phone_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets sessions that ended before `now`, and those that would end after `latest`: the clock went back since they began.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM holder_sessions WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
