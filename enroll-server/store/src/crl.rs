//! The newest CRL of each issuer, and its numbers.

use sqlx::Row;

use enroll_server_model::{SharedFile, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// A published CRL.
#[derive(Clone, Debug)]
pub struct PublishedCrl {
    /// Its issuer.
    pub issuer_id: String,
    /// Its CRLNumber.
    pub number: i64,
    /// The revocations that it knows: the issuer's epoch when it was made.
    pub revocation_epoch: i64,
    /// When it was made.
    pub this_update: Timestamp,
    /// When there will be another at the latest.
    pub next_update: Timestamp,
    /// DER.
    pub body: SharedFile,
}

from_row!(PublishedCrl {
    issuer_id,
    number,
    revocation_epoch,
    this_update,
    next_update,
    body
});

/// The newest CRL of an issuer, if there is one.
pub async fn newest<'e>(on: impl Reader<'e>, issuer_id: &str) -> Result<Option<PublishedCrl>> {
    Ok(sqlx::query_as(
        "SELECT issuer_id, number, revocation_epoch, this_update, next_update, body FROM crls \
         WHERE issuer_id = $1 AND body IS NOT NULL",
    )
    .bind(issuer_id)
    .fetch_optional(on)
    .await?)
}

/// Takes the next CRLNumber of an issuer: none is given twice, and each is higher than those before.
pub async fn take_number(tx: &mut Transaction, issuer_id: &str) -> Result<i64> {
    let row = sqlx::query(
        "UPDATE crls SET last_number = last_number + 1 WHERE issuer_id = $1 RETURNING last_number",
    )
    .bind(issuer_id)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.try_get(0)?)
}

/// Publishes a CRL. Returns whether it is newer than the one published before; an older one is not kept.
pub async fn publish(tx: &mut Transaction, crl: &PublishedCrl) -> Result<bool> {
    store(
        tx,
        "UPDATE crls SET number = $1, revocation_epoch = $2, this_update = $3, next_update = $4, body = $5 \
         WHERE issuer_id = $6 AND number < $1",
        crl,
    )
    .await
}

/// Takes a CRL over that was published before this database knew of it: the next one has a higher number. One that is
/// older than the newest here changes nothing.
pub async fn take_over(tx: &mut Transaction, crl: &PublishedCrl) -> Result<()> {
    store(
        tx,
        "UPDATE crls SET last_number = CASE WHEN last_number < $1 THEN $1 ELSE last_number END, number = $1, \
         revocation_epoch = $2, this_update = $3, next_update = $4, body = $5 WHERE issuer_id = $6 AND number <= $1",
        crl,
    )
    .await?;
    Ok(())
}

/// Runs a statement with the columns of a CRL in their order, the issuer's id last. Returns whether it changed the row.
async fn store(tx: &mut Transaction, statement: &'static str, crl: &PublishedCrl) -> Result<bool> {
    let result = sqlx::query(statement)
        .bind(crl.number)
        .bind(crl.revocation_epoch)
        .bind(crl.this_update)
        .bind(crl.next_update)
        .bind(crl.body.as_ref())
        .bind(&crl.issuer_id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}
