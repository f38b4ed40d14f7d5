//! The second factors of accounts: an authenticator app, passkeys, and the recovery codes. Neither a secret nor a code is in a table.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// An authenticator app (RFC 6238).
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// Whose it is.
    pub administrator_id: String,
    /// What its secret is made of, besides a key of the installation.
    pub secret_id: String,
    /// When it was added.
    pub added: Timestamp,
    /// The newest time step whose code was used.
    pub last_step: i64,
}

from_row!(Authenticator {
    administrator_id,
    secret_id,
    added,
    last_step
});

/// The recovery codes of an account.
#[derive(Clone, Debug)]
pub struct RecoveryCodes {
    /// Whose they are.
    pub administrator_id: String,
    /// What they are made of, besides a key of the installation.
    pub codes_id: String,
    /// When they were made.
    pub made: Timestamp,
    /// A bit for each that was used, the first in the lowest.
    pub used: i64,
}

from_row!(RecoveryCodes {
    administrator_id,
    codes_id,
    made,
    used
});

/// The authenticator app of an account, if it has one.
pub async fn authenticator<'e>(
    on: impl Reader<'e>,
    administrator_id: &str,
) -> Result<Option<Authenticator>> {
    Ok(sqlx::query_as(
        "SELECT administrator_id, secret_id, added, last_step FROM authenticators WHERE administrator_id = $1",
    )
    .bind(administrator_id)
    .fetch_optional(on)
    .await?)
}

/// Adds an authenticator app.
///
/// # Errors
/// If the account has one, or the database fails.
pub async fn insert_authenticator(tx: &mut Transaction, row: &Authenticator) -> Result<()> {
    sqlx::query(
        "INSERT INTO authenticators (administrator_id, secret_id, added, last_step) VALUES ($1, $2, $3, $4)",
    )
    .bind(&row.administrator_id)
    .bind(&row.secret_id)
    .bind(row.added)
    .bind(row.last_step)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes no code of a time step up to this one any more. Returns whether one was taken until now, by an authenticator app with
/// this secret.
pub async fn use_step(
    tx: &mut Transaction,
    administrator_id: &str,
    secret_id: &str,
    step: i64,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE authenticators SET last_step = $1 WHERE administrator_id = $2 AND secret_id = $3 AND last_step < $1",
    )
    .bind(step)
    .bind(administrator_id)
    .bind(secret_id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// The recovery codes of an account, if it has any.
pub async fn recovery_codes<'e>(
    on: impl Reader<'e>,
    administrator_id: &str,
) -> Result<Option<RecoveryCodes>> {
    Ok(sqlx::query_as(
        "SELECT administrator_id, codes_id, made, used FROM recovery_codes WHERE administrator_id = $1",
    )
    .bind(administrator_id)
    .fetch_optional(on)
    .await?)
}

/// Puts new recovery codes in the place of all that an account has.
pub async fn set_recovery_codes(tx: &mut Transaction, row: &RecoveryCodes) -> Result<()> {
    sqlx::query(
        "INSERT INTO recovery_codes (administrator_id, codes_id, made, used) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (administrator_id) DO UPDATE SET codes_id = excluded.codes_id, made = excluded.made, used = excluded.used",
    )
    .bind(&row.administrator_id)
    .bind(&row.codes_id)
    .bind(row.made)
    .bind(row.used)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Uses one of these recovery codes up: that of this bit. Returns whether it was good until now.
pub async fn use_code(
    tx: &mut Transaction,
    administrator_id: &str,
    codes_id: &str,
    bit: i64,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE recovery_codes SET used = used | $1 WHERE administrator_id = $2 AND codes_id = $3 AND used & $1 = 0",
    )
    .bind(bit)
    .bind(administrator_id)
    .bind(codes_id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Whether an account has a second factor: an authenticator app, or a passkey.
pub async fn is_on<'e>(on: impl Reader<'e>, administrator_id: &str) -> Result<bool> {
    let found = sqlx::query(
        "SELECT administrator_id FROM authenticators WHERE administrator_id = $1 \
         UNION ALL SELECT administrator_id FROM passkeys WHERE administrator_id = $1 LIMIT 1",
    )
    .bind(administrator_id)
    .fetch_optional(on)
    .await?;
    Ok(found.is_some())
}

/// Removes the authenticator app of an account. Returns whether there was one.
pub async fn delete_authenticator(tx: &mut Transaction, administrator_id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM authenticators WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Removes the recovery codes of an account.
pub async fn delete_recovery_codes(tx: &mut Transaction, administrator_id: &str) -> Result<()> {
    sqlx::query("DELETE FROM recovery_codes WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes all second factors of an account, and its recovery codes. Returns whether there was one.
pub async fn delete_of(tx: &mut Transaction, administrator_id: &str) -> Result<bool> {
    delete_recovery_codes(tx, administrator_id).await?;
    let passkeys = sqlx::query("DELETE FROM passkeys WHERE administrator_id = $1")
        .bind(administrator_id)
        .execute(tx.connection())
        .await?;
    let had_app = delete_authenticator(tx, administrator_id).await?;
    Ok(had_app || passkeys.rows_affected() > 0)
}
