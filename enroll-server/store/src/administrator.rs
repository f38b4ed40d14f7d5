//! Administrators.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// An administrator.
#[derive(Clone)]
pub struct Administrator {
    /// Random id.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Mail address, lower case; what they sign in with.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// When they were added.
    pub created: Timestamp,
}

from_row!(Administrator {
    id,
    name,
    email,
    password_hash,
    created
});

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
        "INSERT INTO administrators (id, name, email, password_hash, created) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(&row.email)
    .bind(&row.password_hash)
    .bind(row.created)
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

/// Keeps every other transaction from changing or removing an administrator. Returns whether there is one with this id, and
/// with this password still.
pub async fn lock(tx: &mut Transaction, id: &str, password_hash: &str) -> Result<bool> {
    // Both databases lock what is updated.
    let result =
        sqlx::query("UPDATE administrators SET name = name WHERE id = $1 AND password_hash = $2")
            .bind(id)
            .bind(password_hash)
            .execute(tx.connection())
            .await?;
    Ok(changed_one(&result))
}

/// Keeps every other transaction from changing or removing the administrators that are there, and counts them.
pub async fn lock_all(tx: &mut Transaction) -> Result<i64> {
    // Both databases lock what is updated.
    sqlx::query("UPDATE administrators SET name = name")
        .execute(tx.connection())
        .await?;
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM administrators");
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
    /// How many sessions are open.
    pub sessions: i64,
}

from_row!(AdministratorSummary {
    administrator: whole,
    sessions
});

/// All administrators, by mail address, and how many of their sessions end after `now`, and not after `latest`.
pub async fn all<'e>(
    on: impl Reader<'e>,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Vec<AdministratorSummary>> {
    Ok(sqlx::query_as(
        "SELECT a.id, a.name, a.email, a.password_hash, a.created, \
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
        "SELECT id, name, email, password_hash, created FROM administrators WHERE email = $1",
    )
    .bind(email.trim().to_lowercase())
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
        };
        assert!(!format!("{row:?}").contains("argon2id"));
    }
}
