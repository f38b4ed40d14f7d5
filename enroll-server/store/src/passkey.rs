//! Passkeys of accounts (WebAuthn), and the challenges that they are to sign.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A passkey.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Random id.
    pub id: String,
    /// Whose it is.
    pub administrator_id: String,
    /// By which its authenticator knows it, base64url.
    pub credential_id: String,
    /// The DER of its SubjectPublicKeyInfo, base64url.
    pub public_key: String,
    /// How often its authenticator has signed, as it said last; 0 where it does not count.
    pub sign_count: i64,
    /// What it is called.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
    /// When somebody last showed it.
    pub last_used: Option<Timestamp>,
}

from_row!(Passkey {
    id,
    administrator_id,
    credential_id,
    public_key,
    sign_count,
    name,
    added,
    last_used
});

/// Adds a passkey.
///
/// # Errors
/// If the same one was added before, or the database fails.
pub async fn insert(tx: &mut Transaction, row: &Passkey) -> Result<()> {
    sqlx::query(
        "INSERT INTO passkeys (id, administrator_id, credential_id, public_key, sign_count, name, added) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.id)
    .bind(&row.administrator_id)
    .bind(&row.credential_id)
    .bind(&row.public_key)
    .bind(row.sign_count)
    .bind(&row.name)
    .bind(row.added)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The passkeys of an account, the oldest first.
pub async fn of<'e>(on: impl Reader<'e>, administrator_id: &str) -> Result<Vec<Passkey>> {
    Ok(sqlx::query_as(
        "SELECT id, administrator_id, credential_id, public_key, sign_count, name, added, last_used \
         FROM passkeys WHERE administrator_id = $1 ORDER BY added, id",
    )
    .bind(administrator_id)
    .fetch_all(on)
    .await?)
}

/// The passkey that its authenticator knows by this id.
pub async fn by_credential_id<'e>(
    on: impl Reader<'e>,
    credential_id: &str,
) -> Result<Option<Passkey>> {
    Ok(sqlx::query_as(
        "SELECT id, administrator_id, credential_id, public_key, sign_count, name, added, last_used \
         FROM passkeys WHERE credential_id = $1",
    )
    .bind(credential_id)
    .fetch_optional(on)
    .await?)
}

/// Notes that a passkey was shown, and what its authenticator counts. Returns whether it counts more than before, or does not
/// count.
pub async fn note_use(
    tx: &mut Transaction,
    id: &str,
    sign_count: i64,
    now: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE passkeys SET sign_count = $1, last_used = $2 \
         WHERE id = $3 AND (sign_count < $1 OR (sign_count = 0 AND $1 = 0))",
    )
    .bind(sign_count)
    .bind(now)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Gives a passkey of an account another name.
pub async fn rename(
    tx: &mut Transaction,
    administrator_id: &str,
    id: &str,
    name: &str,
) -> Result<()> {
    sqlx::query("UPDATE passkeys SET name = $1 WHERE id = $2 AND administrator_id = $3")
        .bind(name)
        .bind(id)
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes a passkey of an account. Returns whether there was one.
pub async fn delete(tx: &mut Transaction, administrator_id: &str, id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM passkeys WHERE id = $1 AND administrator_id = $2")
        .bind(id)
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// A challenge that a passkey is to sign.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// SHA-256 of the token that its browser holds, lower-case hexadecimal.
    pub bound_to: String,
    /// Random, base64url.
    pub challenge: String,
    /// Until when it is good.
    pub expires: Timestamp,
}

from_row!(Challenge {
    bound_to,
    challenge,
    expires
});

/// Keeps a challenge, in the place of the one that its browser had.
pub async fn set_challenge(tx: &mut Transaction, row: &Challenge) -> Result<()> {
    sqlx::query(
        "INSERT INTO passkey_challenges (bound_to, challenge, expires) VALUES ($1, $2, $3) \
         ON CONFLICT (bound_to) DO UPDATE SET challenge = excluded.challenge, expires = excluded.expires",
    )
    .bind(&row.bound_to)
    .bind(&row.challenge)
    .bind(row.expires)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes the challenge of a browser away, if it has one: it is good once.
pub async fn take_challenge(tx: &mut Transaction, bound_to: &str) -> Result<Option<Challenge>> {
    Ok(sqlx::query_as(
        "DELETE FROM passkey_challenges WHERE bound_to = $1 RETURNING bound_to, challenge, expires",
    )
    .bind(bound_to)
    .fetch_optional(tx.connection())
    .await?)
}

/// Forgets challenges that are good no longer, and those that would be after `latest`: the clock went back since.
pub async fn forget_ended(tx: &mut Transaction, now: Timestamp, latest: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM passkey_challenges WHERE expires <= $1 OR expires > $2")
        .bind(now)
        .bind(latest)
        .execute(tx.connection())
        .await?;
    Ok(())
}
