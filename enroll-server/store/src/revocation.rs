//! Revocations: the evidence that CRL and OCSP answers are made of.

use enroll_server_model::{RevocationReason, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A revocation.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Who signed the certificate.
    pub issuer_id: String,
    /// The certificate's serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
    /// When the certificate ends.
    pub not_after: Timestamp,
}

from_row!(Revocation {
    issuer_id,
    serial,
    revoked_at,
    reason,
    not_after
});

/// Records a revocation. Returns whether there was none yet. What was on hold is revoked since it was put on hold: it was
/// refused all that time.
pub async fn insert(tx: &mut Transaction, row: &Revocation) -> Result<bool> {
    let result = sqlx::query(
        "INSERT INTO revocations (issuer_id, serial, revoked_at, reason, not_after) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (issuer_id, serial) DO UPDATE SET reason = excluded.reason \
         WHERE revocations.reason = 'certificate-hold' AND excluded.reason <> 'certificate-hold'",
    )
    .bind(&row.issuer_id)
    .bind(&row.serial)
    .bind(row.revoked_at)
    .bind(row.reason)
    .bind(row.not_after)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Takes back that a certificate is on hold. Returns whether it was.
pub async fn lift_hold(tx: &mut Transaction, issuer_id: &str, serial: &str) -> Result<bool> {
    let result = sqlx::query(
        "DELETE FROM revocations WHERE issuer_id = $1 AND serial = $2 AND reason = 'certificate-hold'",
    )
    .bind(issuer_id)
    .bind(serial)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// The revocation of a certificate, if it is revoked.
pub async fn of<'e>(
    on: impl Reader<'e>,
    issuer_id: &str,
    serial: &str,
) -> Result<Option<Revocation>> {
    Ok(sqlx::query_as(
        "SELECT issuer_id, serial, revoked_at, reason, not_after FROM revocations \
             WHERE issuer_id = $1 AND serial = $2",
    )
    .bind(issuer_id)
    .bind(serial)
    .fetch_optional(on)
    .await?)
}

/// The revocations of an issuer's certificates that end after `since`, by serial.
pub async fn ending_after<'e>(
    on: impl Reader<'e>,
    issuer_id: &str,
    since: Timestamp,
) -> Result<Vec<Revocation>> {
    Ok(sqlx::query_as(
        "SELECT issuer_id, serial, revoked_at, reason, not_after FROM revocations \
         WHERE issuer_id = $1 AND not_after > $2 ORDER BY serial",
    )
    .bind(issuer_id)
    .bind(since)
    .fetch_all(on)
    .await?)
}
