//! Certificates: a row from before they are signed, and their bytes apart from it.

use sqlx::Row;

use enroll_server_model::event_detail::CertificateFacts;
use enroll_server_model::{
    CertificateState, KeyAlgorithm, ProfileName, RevocationReason, Slot, Timestamp, Validity,
};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// The columns of a [`Certificate`], of `certificates c`.
macro_rules! certificate_columns {
    () => {
        "c.id, c.issuer_id, c.serial, c.state, c.profile, c.profile_version, c.slot, \
         c.holder_id, c.phone_id, c.subject, c.key_hash, c.algorithm, c.not_before, \
         c.not_after, c.fingerprint, c.reserved_at, c.issued_at"
    };
}
pub(crate) use certificate_columns;

/// A certificate's row.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Random id.
    pub id: String,
    /// Who signs it.
    pub issuer_id: String,
    /// The serial number's octets, lower-case hexadecimal.
    pub serial: String,
    /// How far it has come.
    pub state: CertificateState,
    /// The name of its profile.
    pub profile: ProfileName,
    /// The version of its profile that it was made by.
    pub profile_version: i64,
    /// The slot on the phone; none for the server's own.
    pub slot: Option<Slot>,
    /// Whose it is; none for the server's own.
    pub holder_id: Option<String>,
    /// On which phone it is; none for the server's own.
    pub phone_id: Option<String>,
    /// Its subject as RFC 4514 writes it.
    pub subject: String,
    /// SHA-256 of the DER of its SubjectPublicKeyInfo, hexadecimal.
    pub key_hash: String,
    /// Its key's algorithm.
    pub algorithm: KeyAlgorithm,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// SHA-256 of its DER, hexadecimal, once it is signed.
    pub fingerprint: Option<String>,
    /// When it was put on record.
    pub reserved_at: Timestamp,
    /// When it was signed.
    pub issued_at: Option<Timestamp>,
}

from_row!(Certificate {
    id,
    issuer_id,
    serial,
    state,
    profile,
    profile_version,
    slot: optional_text,
    holder_id,
    phone_id,
    subject,
    key_hash,
    algorithm: text,
    not_before,
    not_after,
    fingerprint,
    reserved_at,
    issued_at
});

impl Certificate {
    /// From when until when it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity {
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }

    /// Whether it is issued, not revoked, and within its validity at a given time.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.state == CertificateState::Issued && self.validity().contains(now)
    }
}

impl Certificate {
    /// Which certificate it is, as the audit trail says it.
    #[must_use]
    pub fn facts(&self) -> CertificateFacts {
        CertificateFacts {
            serial: self.serial.clone(),
            profile: Some(self.profile.clone()),
            slot: self.slot,
            holder: self.holder_id.clone(),
            phone: self.phone_id.clone(),
        }
    }
}

/// A certificate of a phone, with what people are told of it.
#[derive(Clone, Debug)]
pub struct CertificateSummary {
    /// The certificate.
    pub certificate: Certificate,
    /// Its holder's name.
    pub holder_name: String,
    /// Its holder's account.
    pub holder_username: String,
    /// Its phone's name.
    pub phone_name: String,
}

from_row!(CertificateSummary {
    certificate: whole,
    holder_name,
    holder_username,
    phone_name
});

/// A certificate together with its DER.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// Its row.
    pub certificate: Certificate,
    /// Its DER.
    pub der: Vec<u8>,
}

from_row!(IssuedCertificate {
    certificate: whole,
    der
});

/// Puts a certificate on record that is about to be signed; `recorded` is the lint certificate: the same bytes to
/// be signed, under a throw-away key's signature.
///
/// # Errors
/// If the issuer has used the serial before, or the database fails.
pub async fn reserve(tx: &mut Transaction, row: &Certificate, recorded: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO certificates (id, issuer_id, serial, state, profile, profile_version, slot, holder_id, phone_id, \
         subject, key_hash, algorithm, not_before, not_after, reserved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&row.id)
    .bind(&row.issuer_id)
    .bind(&row.serial)
    .bind(row.state)
    .bind(row.profile.as_str())
    .bind(row.profile_version)
    .bind(row.slot.map(Slot::as_str))
    .bind(&row.holder_id)
    .bind(&row.phone_id)
    .bind(&row.subject)
    .bind(&row.key_hash)
    .bind(row.algorithm.as_str())
    .bind(row.not_before)
    .bind(row.not_after)
    .bind(row.reserved_at)
    .execute(tx.connection())
    .await?;
    sqlx::query("INSERT INTO certificate_bodies (certificate_id, recorded) VALUES ($1, $2)")
        .bind(&row.id)
        .bind(recorded)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Stores a signed certificate. Returns whether it was still waiting for its signature.
pub async fn issue(
    tx: &mut Transaction,
    id: &str,
    der: &[u8],
    fingerprint: &str,
    now: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE certificates SET state = 'issued', fingerprint = $1, issued_at = $2 \
         WHERE id = $3 AND state = 'reserved'",
    )
    .bind(fingerprint)
    .bind(now)
    .bind(id)
    .execute(tx.connection())
    .await?;
    if !changed_one(&result) {
        return Ok(false);
    }
    sqlx::query("UPDATE certificate_bodies SET issued = $1 WHERE certificate_id = $2")
        .bind(der)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(true)
}

/// Marks a certificate as revoked. Returns whether it was not revoked before.
pub async fn set_revoked(tx: &mut Transaction, id: &str) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE certificates SET state = 'revoked' WHERE id = $1 AND state <> 'revoked'",
    )
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Marks an issued certificate as suspended, or a suspended one as issued. Returns whether it was what it had to be.
pub async fn set_suspended(tx: &mut Transaction, id: &str, is_suspended: bool) -> Result<bool> {
    let (from, to) = if is_suspended {
        (CertificateState::Issued, CertificateState::Suspended)
    } else {
        (CertificateState::Suspended, CertificateState::Issued)
    };
    let result = sqlx::query("UPDATE certificates SET state = $1 WHERE id = $2 AND state = $3")
        .bind(to)
        .bind(id)
        .bind(from)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// When an issuer's last certificate of a profile was put on record that belongs to no phone.
pub async fn last_own<'e>(
    on: impl Reader<'e>,
    issuer_id: &str,
    profile: &ProfileName,
) -> Result<Option<Timestamp>> {
    let row = sqlx::query(
        "SELECT MAX(reserved_at) FROM certificates \
         WHERE issuer_id = $1 AND profile = $2 AND phone_id IS NULL",
    )
    .bind(issuer_id)
    .bind(profile.as_str())
    .fetch_one(on)
    .await?;
    Ok(row.try_get(0)?)
}

/// Claims a public key for one purpose. Returns whose it is: the purpose that claimed it first.
pub async fn claim_key(
    tx: &mut Transaction,
    key_hash: &str,
    claimed_by: &str,
    now: Timestamp,
) -> Result<String> {
    sqlx::query(
        "INSERT INTO certified_keys (key_hash, claimed_by, created) VALUES ($1, $2, $3) \
         ON CONFLICT (key_hash) DO NOTHING",
    )
    .bind(key_hash)
    .bind(claimed_by)
    .bind(now)
    .execute(tx.connection())
    .await?;
    let row = sqlx::query("SELECT claimed_by FROM certified_keys WHERE key_hash = $1")
        .bind(key_hash)
        .fetch_one(tx.connection())
        .await?;
    Ok(row.try_get(0)?)
}

/// The purpose that has claimed a public key, if one has.
pub async fn purpose_of_key<'e>(on: impl Reader<'e>, key_hash: &str) -> Result<Option<String>> {
    let row = sqlx::query("SELECT claimed_by FROM certified_keys WHERE key_hash = $1")
        .bind(key_hash)
        .fetch_optional(on)
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Whether a certificate of this phone for this key was revoked because the key was compromised.
pub async fn is_compromised<'e>(
    on: impl Reader<'e>,
    phone_id: &str,
    key_hash: &str,
) -> Result<bool> {
    let row = sqlx::query(
        "SELECT 1 FROM certificates c JOIN revocations r ON r.issuer_id = c.issuer_id AND r.serial = c.serial \
         WHERE c.phone_id = $1 AND c.key_hash = $2 AND r.reason = $3 LIMIT 1",
    )
    .bind(phone_id)
    .bind(key_hash)
    .bind(RevocationReason::KeyCompromise)
    .fetch_optional(on)
    .await?;
    Ok(row.is_some())
}

/// The certificate with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Certificate>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        certificate_columns!(),
        " FROM certificates c WHERE c.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The certificate of an issuer with this serial (lower-case hexadecimal).
pub async fn by_serial<'e>(
    on: impl Reader<'e>,
    issuer_id: &str,
    serial: &str,
) -> Result<Option<Certificate>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        certificate_columns!(),
        " FROM certificates c WHERE c.issuer_id = $1 AND c.serial = $2",
    ))
    .bind(issuer_id)
    .bind(serial)
    .fetch_optional(on)
    .await?)
}

/// The phone's certificate with this id, with what people are told of it. The server's own certificates are not found.
pub async fn summary<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<CertificateSummary>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        certificate_columns!(),
        ", h.name AS holder_name, h.username AS holder_username, p.name AS phone_name FROM certificates c \
         JOIN holders h ON h.id = c.holder_id JOIN phones p ON p.id = c.phone_id WHERE c.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The certificates of a phone, by slot, the newest of a slot first.
pub async fn of_phone<'e>(on: impl Reader<'e>, phone_id: &str) -> Result<Vec<Certificate>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        certificate_columns!(),
        " FROM certificates c WHERE c.phone_id = $1 ORDER BY c.slot, c.reserved_at DESC, c.id",
    ))
    .bind(phone_id)
    .fetch_all(on)
    .await?)
}

/// The certificates of a phone that are issued and not revoked, with their DER, by slot.
pub async fn issued_of_phone<'e>(
    on: impl Reader<'e>,
    phone_id: &str,
) -> Result<Vec<IssuedCertificate>> {
    Ok(sqlx::query_as(
        concat!(
        "SELECT ",
        certificate_columns!(),
        ", b.issued AS der FROM certificates c JOIN certificate_bodies b ON b.certificate_id = c.id \
         WHERE c.phone_id = $1 AND c.state = 'issued' AND b.issued IS NOT NULL ORDER BY c.slot",
    ))
    .bind(phone_id)
    .fetch_all(on)
    .await?)
}

/// The certificates of a holder in one slot that are valid at a given time, with their DER, oldest first.
pub async fn valid_of_holder<'e>(
    on: impl Reader<'e>,
    holder_id: &str,
    slot: Slot,
    now: Timestamp,
) -> Result<Vec<IssuedCertificate>> {
    Ok(sqlx::query_as(
        concat!(
        "SELECT ",
        certificate_columns!(),
        ", b.issued AS der FROM certificates c JOIN certificate_bodies b ON b.certificate_id = c.id \
         WHERE c.holder_id = $1 AND c.slot = $2 AND c.state = 'issued' AND b.issued IS NOT NULL \
         AND c.not_before <= $3 AND c.not_after >= $3 ORDER BY c.reserved_at, c.id",
    ))
    .bind(holder_id)
    .bind(slot.as_str())
    .bind(now)
    .fetch_all(on)
    .await?)
}

/// A certificate's DER, if it was ever signed.
pub async fn der<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Vec<u8>>> {
    Ok(
        sqlx::query("SELECT issued FROM certificate_bodies WHERE certificate_id = $1")
            .bind(id)
            .fetch_optional(on)
            .await?
            .map(|row| row.try_get::<Option<Vec<u8>>, _>(0))
            .transpose()?
            .flatten(),
    )
}

/// Certificates that wait for their signature and were put on record before `since` or after `until`, oldest first.
pub async fn reserved_outside<'e>(
    on: impl Reader<'e>,
    since: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Certificate>> {
    Ok(sqlx::query_as(
        concat!(
        "SELECT ",
        certificate_columns!(),
        " FROM certificates c WHERE c.state = 'reserved' AND (c.reserved_at < $1 OR c.reserved_at > $2) \
         ORDER BY c.reserved_at LIMIT $3",
    ))
    .bind(since)
    .bind(until)
    .bind(limit)
    .fetch_all(on)
    .await?)
}
