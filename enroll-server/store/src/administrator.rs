//! The accounts of those who work with the portal, of every role.

use enroll_server_model::{AccountState, Role, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// An account.
#[derive(Clone)]
pub struct Administrator {
    /// Random id.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Mail address, lower case; what they sign in with.
    pub email: String,
    /// Argon2id in PHC form; empty while no password was chosen.
    pub password_hash: String,
    /// When they were added.
    pub created: Timestamp,
    /// What they may do.
    pub role: Role,
    /// Since when nobody can sign in with it, if so.
    pub disabled: Option<Timestamp>,
}

from_row!(Administrator {
    id,
    name,
    email,
    password_hash,
    created,
    role: text,
    disabled
});

impl Administrator {
    /// Whether somebody can sign in with it.
    #[must_use]
    pub fn state(&self) -> AccountState {
        if self.disabled.is_some() {
            AccountState::Disabled
        } else if self.password_hash.is_empty() {
            AccountState::Invited
        } else {
            AccountState::Active
        }
    }
}

impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Administrator")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Adds an administrator.
///
/// # Errors
/// If the mail address is taken, or the database fails.
pub async fn insert(tx: &mut Transaction, row: &Administrator) -> Result<()> {
    sqlx::query(
        "INSERT INTO administrators (id, name, email, password_hash, created, role) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(&row.email)
    .bind(&row.password_hash)
    .bind(row.created)
    .bind(row.role)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets what an account is called. Returns whether there is one with this id.
pub async fn set_name(tx: &mut Transaction, id: &str, name: &str) -> Result<bool> {
    let result = sqlx::query("UPDATE administrators SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Sets the language of the pages of whoever signs in with an account: its tag, or that the browser says it. Returns whether
/// there is one with this id.
pub async fn set_language(tx: &mut Transaction, id: &str, language: Option<&str>) -> Result<bool> {
    let result = sqlx::query("UPDATE administrators SET language = $1 WHERE id = $2")
        .bind(language)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Sets what an account may do. Returns whether there is one with this id.
pub async fn set_role(tx: &mut Transaction, id: &str, role: Role) -> Result<bool> {
    let result = sqlx::query("UPDATE administrators SET role = $1 WHERE id = $2")
        .bind(role)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Sets since when nobody can sign in with an account, or that somebody can. Returns whether there is one with this id.
pub async fn set_disabled(
    tx: &mut Transaction,
    id: &str,
    since: Option<Timestamp>,
) -> Result<bool> {
    let result = sqlx::query("UPDATE administrators SET disabled = $1 WHERE id = $2")
        .bind(since)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Notes that an account is in use.
pub async fn seen(tx: &mut Transaction, id: &str, at: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE administrators SET last_seen = $1 WHERE id = $2 AND (last_seen IS NULL OR last_seen < $1)",
    )
    .bind(at)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets an administrator's password. Returns whether there is one with this id.
pub async fn set_password(tx: &mut Transaction, id: &str, password_hash: &str) -> Result<bool> {
    let result = sqlx::query("UPDATE administrators SET password_hash = $1 WHERE id = $2")
        .bind(password_hash)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Keeps every other transaction from changing or removing an account. Returns whether there is one with this id that can be
/// signed in with, and with this password still.
pub async fn lock(tx: &mut Transaction, id: &str, password_hash: &str) -> Result<bool> {
    // Both databases lock what is updated.
    let result =
        sqlx::query("UPDATE administrators SET name = name WHERE id = $1 AND password_hash = $2 AND disabled IS NULL")
            .bind(id)
            .bind(password_hash)
            .execute(tx.connection())
            .await?;
    Ok(changed_one(&result))
}

/// Keeps every other transaction from changing or removing the accounts that are there, and counts the administrators.
pub async fn lock_all(tx: &mut Transaction) -> Result<i64> {
    // Both databases lock what is updated.
    sqlx::query("UPDATE administrators SET name = name")
        .execute(tx.connection())
        .await?;
    count_able(tx).await
}

/// How many administrators can sign in.
pub async fn count_able(tx: &mut Transaction) -> Result<i64> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM administrators WHERE role = 'administrator' AND disabled IS NULL AND password_hash <> ''",
    );
    Ok(count.fetch_one(tx.connection()).await?)
}

/// Removes an administrator whom nothing names any more. Returns whether there was one with this id.
pub async fn delete(tx: &mut Transaction, id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM administrators WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// An administrator with what the operator is told of them.
#[derive(Clone, Debug)]
pub struct AdministratorSummary {
    /// The administrator.
    pub administrator: Administrator,
    /// When it was last used, if ever.
    pub last_seen: Option<Timestamp>,
    /// How many sessions are open.
    pub sessions: i64,
}

from_row!(AdministratorSummary {
    administrator: whole,
    last_seen,
    sessions
});

/// All administrators, by mail address, and how many of their sessions end after `now`, and not after `latest`.
pub async fn all<'e>(
    on: impl Reader<'e>,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Vec<AdministratorSummary>> {
    Ok(sqlx::query_as(
        "SELECT a.id, a.name, a.email, a.password_hash, a.created, a.role, a.disabled, a.last_seen, \
         (SELECT COUNT(*) FROM sessions s WHERE s.administrator_id = a.id AND s.expires > $1 AND s.expires <= $2) AS sessions \
         FROM administrators a ORDER BY a.email",
    )
    .bind(now)
    .bind(latest)
    .fetch_all(on)
    .await?)
}

/// The administrator with this mail address, which is compared in lower case.
pub async fn by_email<'e>(on: impl Reader<'e>, email: &str) -> Result<Option<Administrator>> {
    Ok(sqlx::query_as(
        "SELECT id, name, email, password_hash, created, role, disabled FROM administrators WHERE email = $1",
    )
    .bind(email.trim().to_lowercase())
    .fetch_optional(on)
    .await?)
}

/// The account with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Administrator>> {
    Ok(sqlx::query_as(
        "SELECT id, name, email, password_hash, created, role, disabled FROM administrators WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_password_is_in_no_log() {
        let row = Administrator {
            id: "a1".to_owned(),
            name: "Robin Meyer".to_owned(),
            email: "robin@example.org".to_owned(),
            password_hash: "$argon2id$hash".to_owned(),
            created: Timestamp::default(),
            role: Role::Officer,
            disabled: None,
        };
        assert!(!format!("{row:?}").contains("argon2id"));
    }
}
