//! Check-ins of phones: the key that a phone signs them with, the challenge that is good for the next one, and what it said.

use sqlx::Row;

use enroll_server_model::{PhoneState, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;
use crate::unblocking;

/// The columns of a [`LastCheckIn`], of `phones p`.
macro_rules! last_check_in_columns {
    () => {
        "p.last_seen, p.app_version, p.key_protection, p.last_use, p.problems, p.wiped_at"
    };
}
pub(crate) use last_check_in_columns;

/// What a phone said of itself the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastCheckIn {
    /// When it did; none if it never has.
    pub last_seen: Option<Timestamp>,
    /// The version of its program.
    pub app_version: Option<String>,
    /// Where its keys are.
    pub key_protection: Option<String>,
    /// When a host used one of its keys last, by the phone's clock.
    pub last_use: Option<Timestamp>,
    /// What kept it from renewing, JSON.
    pub problems: Option<String>,
    /// When it said that it had emptied its card.
    pub wiped_at: Option<Timestamp>,
}

from_row!(LastCheckIn {
    last_seen,
    app_version,
    key_protection,
    last_use,
    problems,
    wiped_at
});

/// A phone as far as its check-in is concerned.
#[derive(Clone, Debug)]
pub struct CheckingIn {
    /// Whose it is.
    pub holder_id: String,
    /// What has become of it.
    pub state: PhoneState,
    /// The DER of the SubjectPublicKeyInfo of its check-in key, if it has one.
    pub check_in_key: Option<Vec<u8>>,
    /// What its unblocking key is made of; none if it enrolled before there was one, or checks in nowhere.
    pub unblocking_seed: Option<String>,
    /// What it said the last time.
    pub last: LastCheckIn,
}

from_row!(CheckingIn {
    holder_id,
    state,
    check_in_key,
    unblocking_seed,
    last: whole
});

/// The phone with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<CheckingIn>> {
    Ok(sqlx::query_as(concat!(
        "SELECT p.holder_id, p.state, p.check_in_key, p.unblocking_seed, ",
        last_check_in_columns!(),
        " FROM phones p WHERE p.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// Gives a phone the key that it will check in with, and what its unblocking key is made of. What it said before is of another card,
/// and so is a new PIN that was allowed.
pub async fn set_key(tx: &mut Transaction, id: &str, key: Option<(&[u8], &str)>) -> Result<()> {
    let (key, seed) = key.unzip();
    unblocking::delete(tx, id).await?;
    sqlx::query(
        "UPDATE phones SET check_in_key = $1, unblocking_seed = $2, challenge = NULL, challenge_expires = NULL, \
         problems = NULL, wiped_at = NULL WHERE id = $3",
    )
    .bind(key)
    .bind(seed)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The challenge that a phone's next message must repeat: the one that it has, if that ends between `earliest` and `latest`, else
/// this one, which ends at `expires`. None if there is no such phone.
pub async fn challenge(
    tx: &mut Transaction,
    id: &str,
    (fresh, expires): (&str, Timestamp),
    (earliest, latest): (Timestamp, Timestamp),
) -> Result<Option<String>> {
    sqlx::query(
        "UPDATE phones SET challenge = $1, challenge_expires = $2 WHERE id = $3 \
         AND (challenge IS NULL OR challenge_expires < $4 OR challenge_expires > $5)",
    )
    .bind(fresh)
    .bind(expires)
    .bind(id)
    .bind(earliest)
    .bind(latest)
    .execute(tx.connection())
    .await?;
    let row = sqlx::query("SELECT challenge FROM phones WHERE id = $1")
        .bind(id)
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
}

/// Whether a phone is active and still has this key; if so, it stays as it is until the transaction ends.
pub async fn hold(tx: &mut Transaction, id: &str, key: &[u8]) -> Result<bool> {
    // An update that changes nothing, for the lock: both databases know it.
    let result = sqlx::query(
        "UPDATE phones SET state = state WHERE id = $1 AND state = 'active' AND check_in_key = $2",
    )
    .bind(id)
    .bind(key)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Uses a phone's challenge up. Returns whether it was the phone's, ends between `now` and `latest`, and the phone still has this
/// key; the phone stays as it is until the transaction ends.
pub async fn use_challenge(
    tx: &mut Transaction,
    id: &str,
    key: &[u8],
    challenge: &str,
    (now, latest): (Timestamp, Timestamp),
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE phones SET challenge = NULL, challenge_expires = NULL WHERE id = $1 AND check_in_key = $2 \
         AND challenge = $3 AND challenge_expires >= $4 AND challenge_expires <= $5",
    )
    .bind(id)
    .bind(key)
    .bind(challenge)
    .bind(now)
    .bind(latest)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Notes what a phone said of itself, and that its holder was seen.
pub async fn note(tx: &mut Transaction, id: &str, said: &LastCheckIn) -> Result<()> {
    sqlx::query(
        "UPDATE phones SET last_seen = $1, app_version = $2, key_protection = $3, last_use = $4, problems = $5, \
         wiped_at = $6 WHERE id = $7",
    )
    .bind(said.last_seen)
    .bind(&said.app_version)
    .bind(&said.key_protection)
    .bind(said.last_use)
    .bind(&said.problems)
    .bind(said.wiped_at)
    .bind(id)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "UPDATE holders SET last_seen = \
             (SELECT COALESCE(MAX(p.last_seen), 0) FROM phones p WHERE p.holder_id = holders.id) \
         WHERE id = (SELECT p.holder_id FROM phones p WHERE p.id = $1)",
    )
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(())
}
