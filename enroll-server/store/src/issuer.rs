//! Certificate authorities, by their certificates. Their keys are not in the database.

use sqlx::Row;

use enroll_server_model::{IssuerRole, KeyLocation, Timestamp};

use crate::error::{Result, StoreError};
use crate::sql::{Reader, from_row};
use crate::transaction::Transaction;

/// A certificate authority.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Random id.
    pub id: String,
    /// Which authority.
    pub role: IssuerRole,
    /// Its common name.
    pub name: String,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// SHA-256 of that, hexadecimal.
    pub fingerprint: String,
    /// Where its key is.
    pub key_location: KeyLocation,
    /// Rises with each revocation.
    pub revocation_epoch: i64,
    /// When it was made.
    pub created: Timestamp,
}

from_row!(Issuer {
    id,
    role,
    name,
    certificate,
    fingerprint,
    key_location: text,
    revocation_epoch,
    created
});

/// Adds an authority, with an empty record of CRLs.
pub async fn insert(tx: &mut Transaction, row: &Issuer) -> Result<()> {
    sqlx::query(
        "INSERT INTO issuers (id, role, name, certificate, fingerprint, key_location, revocation_epoch, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&row.id)
    .bind(row.role)
    .bind(&row.name)
    .bind(&row.certificate)
    .bind(&row.fingerprint)
    .bind(row.key_location.to_string())
    .bind(row.revocation_epoch)
    .bind(row.created)
    .execute(tx.connection())
    .await?;
    sqlx::query("INSERT INTO crls (issuer_id) VALUES ($1)")
        .bind(&row.id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// All authorities, oldest first.
pub async fn all<'e>(on: impl Reader<'e>) -> Result<Vec<Issuer>> {
    Ok(
        sqlx::query_as(
            "SELECT id, role, name, certificate, fingerprint, key_location, revocation_epoch, created FROM issuers \
             ORDER BY created, role DESC",
        )
            .fetch_all(on)
            .await?,
    )
}

/// How many revocations an authority has seen, as a number that rises with each.
///
/// # Errors
/// If there is no such authority, or the database fails.
pub async fn revocation_epoch<'e>(on: impl Reader<'e>, id: &str) -> Result<i64> {
    let row = sqlx::query("SELECT revocation_epoch FROM issuers WHERE id = $1")
        .bind(id)
        .fetch_optional(on)
        .await?
        .ok_or_else(|| StoreError::Corrupt(format!("no certificate authority {id}")))?;
    Ok(row.try_get(0)?)
}

/// Says that CRLs and OCSP answers made before are out of date.
pub async fn raise_revocation_epoch(tx: &mut Transaction, id: &str) -> Result<()> {
    sqlx::query("UPDATE issuers SET revocation_epoch = revocation_epoch + 1 WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(())
}
