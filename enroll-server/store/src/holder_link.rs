//! Links with which holders come to their own pages. Only the SHA-256 of a link's token is kept.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A link.
#[derive(Clone, Debug)]
pub struct HolderLink {
    /// Random id.
    pub id: String,
    /// SHA-256 of its token, lower-case hexadecimal.
    pub token_hash: String,
    /// Whose pages it leads to.
    pub holder_id: String,
    /// The phone that was shown for it, if one was.
    pub phone_id: Option<String>,
    /// Until when it can be used.
    pub expires: Timestamp,
}

from_row!(HolderLink {
    id,
    token_hash,
    holder_id,
    phone_id,
    expires
});

/// Adds a link.
pub async fn insert(tx: &mut Transaction, row: &HolderLink) -> Result<()> {
    sqlx::query(
        "INSERT INTO holder_links (id, token_hash, holder_id, phone_id, expires) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&row.id)
    .bind(&row.token_hash)
    .bind(&row.holder_id)
    .bind(&row.phone_id)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The link with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<HolderLink>> {
    Ok(sqlx::query_as(
        "SELECT id, token_hash, holder_id, phone_id, expires FROM holder_links WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The link whose token has this SHA-256.
pub async fn by_token_hash<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
) -> Result<Option<HolderLink>> {
    Ok(sqlx::query_as(
        "SELECT id, token_hash, holder_id, phone_id, expires FROM holder_links WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// Uses a link up. Returns whether it was there.
pub async fn use_up(tx: &mut Transaction, id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM holder_links WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Removes the links of a holder.
pub async fn delete_of(tx: &mut Transaction, holder_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM holder_links WHERE holder_id = $1")
        .bind(holder_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets links that ended before `now`, and those that would end after `latest`: the clock went back since they were made.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM holder_links WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
