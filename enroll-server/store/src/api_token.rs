//! Tokens of the API. Only the SHA-256 of a token is kept.

use enroll_server_model::{Scope, Timestamp};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::error::Result;
use crate::sql::{Reader, changed_one};
use crate::transaction::Transaction;

/// A token, without what it is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Random id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created: Timestamp,
    /// The name of who made it.
    pub created_by: String,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last used, give or take a minute.
    pub last_used: Option<Timestamp>,
}

impl sqlx::FromRow<'_, AnyRow> for ApiToken {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let scopes: String = row.try_get("scopes")?;
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            // A newer server may know more.
            scopes: scopes
                .split_whitespace()
                .filter_map(|word| word.parse().ok())
                .collect(),
            created: row.try_get("created")?,
            created_by: row.try_get("created_by")?,
            expires: row.try_get("expires")?,
            revoked: row.try_get("revoked")?,
            last_used: row.try_get("last_used")?,
        })
    }
}

/// Adds a token whose text has this SHA-256.
pub async fn insert(tx: &mut Transaction, row: &ApiToken, token_hash: &str) -> Result<()> {
    let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.as_str()).collect();
    sqlx::query(
        "INSERT INTO api_tokens (id, token_hash, name, scopes, created, created_by, expires) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.id)
    .bind(token_hash)
    .bind(&row.name)
    .bind(scopes.join(" "))
    .bind(row.created)
    .bind(&row.created_by)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// All tokens, the newest first.
pub async fn all<'e>(on: impl Reader<'e>) -> Result<Vec<ApiToken>> {
    Ok(sqlx::query_as(
        "SELECT id, name, scopes, created, created_by, expires, revoked, last_used FROM api_tokens \
         ORDER BY created DESC, id",
    )
    .fetch_all(on)
    .await?)
}

/// The token with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<ApiToken>> {
    Ok(sqlx::query_as(
        "SELECT id, name, scopes, created, created_by, expires, revoked, last_used FROM api_tokens \
         WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The token whose text has this SHA-256.
pub async fn by_hash<'e>(on: impl Reader<'e>, token_hash: &str) -> Result<Option<ApiToken>> {
    Ok(sqlx::query_as(
        "SELECT id, name, scopes, created, created_by, expires, revoked, last_used FROM api_tokens \
         WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// Revokes a token. Returns whether it was there and not revoked.
pub async fn revoke(tx: &mut Transaction, id: &str, at: Timestamp) -> Result<bool> {
    let result =
        sqlx::query("UPDATE api_tokens SET revoked = $1 WHERE id = $2 AND revoked IS NULL")
            .bind(at)
            .bind(id)
            .execute(tx.connection())
            .await?;
    Ok(changed_one(&result))
}

/// Notes that a token was used.
pub async fn used(tx: &mut Transaction, id: &str, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE api_tokens SET last_used = $1 WHERE id = $2")
        .bind(at)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(())
}
