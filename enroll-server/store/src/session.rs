//! Signed-in sessions of the portal. Only the SHA-256 of a session's token is kept.

use enroll_server_model::{Role, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the token that the browser holds, lower-case hexadecimal.
    pub token_hash: String,
    /// Who is signed in.
    pub administrator_id: String,
    /// What the next page says once.
    pub notice: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_seen: Timestamp,
    /// When it ends whatever happens.
    pub expires: Timestamp,
    /// When its administrator last showed who they are.
    pub proved: Timestamp,
}

from_row!(Session {
    token_hash,
    administrator_id,
    notice,
    created,
    last_seen,
    expires,
    proved
});

/// A session and who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Their role at this moment.
    pub role: Role,
    /// The tag of the language of their pages, if they have chosen one.
    pub language: Option<String>,
}

from_row!(SignedIn {
    session: whole,
    name,
    email,
    role: text,
    language
});

/// Adds a session.
pub async fn insert(tx: &mut Transaction, row: &Session) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (token_hash, administrator_id, notice, created, last_seen, expires, proved) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.token_hash)
    .bind(&row.administrator_id)
    .bind(&row.notice)
    .bind(row.created)
    .bind(row.last_seen)
    .bind(row.expires)
    .bind(row.proved)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The session whose token has this SHA-256, and who is signed in.
pub async fn by_token_hash<'e>(on: impl Reader<'e>, token_hash: &str) -> Result<Option<SignedIn>> {
    Ok(sqlx::query_as(
        "SELECT s.token_hash, s.administrator_id, s.notice, s.created, s.last_seen, s.expires, s.proved, a.name, a.email, a.role, a.language FROM sessions s JOIN administrators a ON a.id = s.administrator_id \
         WHERE s.token_hash = $1 AND a.disabled IS NULL",
    )
    .bind(token_hash)
    .fetch_optional(on)
    .await?)
}

/// Notes that a session is in use.
pub async fn touch(tx: &mut Transaction, token_hash: &str, last_seen: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_seen = $1 WHERE token_hash = $2 AND last_seen < $1")
        .bind(last_seen)
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Notes that whoever is signed in showed again who they are.
pub async fn set_proved(tx: &mut Transaction, token_hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET proved = $1 WHERE token_hash = $2")
        .bind(at)
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Sets what a session's next page says once.
pub async fn set_notice(tx: &mut Transaction, token_hash: &str, notice: &str) -> Result<()> {
    sqlx::query("UPDATE sessions SET notice = $1 WHERE token_hash = $2")
        .bind(notice)
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets a notice that was shown. A newer one stays: the page that was made in the meantime did not show it.
pub async fn clear_notice(tx: &mut Transaction, token_hash: &str, shown: &str) -> Result<()> {
    sqlx::query("UPDATE sessions SET notice = NULL WHERE token_hash = $1 AND notice = $2")
        .bind(token_hash)
        .bind(shown)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends a session. Returns whether there was one.
pub async fn delete(tx: &mut Transaction, token_hash: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
        .bind(token_hash)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Ends the sessions of an administrator. Returns how many there were.
pub async fn delete_of(tx: &mut Transaction, administrator_id: &str) -> Result<u64> {
    let result = sqlx::query("DELETE FROM sessions WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(result.rows_affected())
}

/// The sessions of an account that end after `now`, and not after `latest`, the last one used first.
pub async fn of<'e>(
    on: impl Reader<'e>,
    administrator_id: &str,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Vec<Session>> {
    Ok(sqlx::query_as(
        "SELECT token_hash, administrator_id, notice, created, last_seen, expires, proved FROM sessions \
         WHERE administrator_id = $1 AND expires > $2 AND expires <= $3 ORDER BY last_seen DESC, token_hash",
    )
    .bind(administrator_id)
    .bind(now)
    .bind(latest)
    .fetch_all(on)
    .await?)
}

/// Ends the sessions of an account but for one. Returns how many ended.
pub async fn delete_others(
    tx: &mut Transaction,
    administrator_id: &str,
    token_hash: &str,
) -> Result<u64> {
    let result =
        sqlx::query("DELETE FROM sessions WHERE administrator_id = $1 AND token_hash <> $2")
            .bind(administrator_id)
            .bind(token_hash)
            .execute(tx.connection())
            .await?;
    Ok(result.rows_affected())
}

/// Forgets sessions that ended before `now`, and those that would end after `latest`: the clock went back since they
/// began.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
