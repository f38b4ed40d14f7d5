//! Browsers in which an administrator signed in before. Only the SHA-256 of a browser's token is kept.

use sqlx::Row;

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::Reader;
use crate::transaction::Transaction;

/// Remembers the browser whose token has this SHA-256.
pub async fn insert(
    tx: &mut Transaction,
    token_hash: &str,
    administrator_id: &str,
    expires: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO known_browsers (token_hash, administrator_id, expires) VALUES ($1, $2, $3)",
    )
    .bind(token_hash)
    .bind(administrator_id)
    .bind(expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The id of the administrator who signed in with the browser whose token has this SHA-256. One that would be known until
/// after `latest` is not: the clock went back since.
pub async fn administrator<'e>(
    on: impl Reader<'e>,
    token_hash: &str,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Option<String>> {
    let row = sqlx::query(
        "SELECT administrator_id FROM known_browsers WHERE token_hash = $1 AND expires > $2 \
         AND expires <= $3",
    )
    .bind(token_hash)
    .bind(now)
    .bind(latest)
    .fetch_optional(on)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Forgets one browser.
pub async fn delete(tx: &mut Transaction, token_hash: &str) -> Result<()> {
    sqlx::query("DELETE FROM known_browsers WHERE token_hash = $1")
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets the browsers of an administrator.
pub async fn delete_of(tx: &mut Transaction, administrator_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM known_browsers WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets browsers that nobody has signed in with for long, and those that would be known until after `latest`.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM known_browsers WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
