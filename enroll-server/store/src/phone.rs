//! Phones that were enrolled.

use sqlx::Row;

use enroll_server_model::{Guid, PhoneState, Timestamp};

use crate::check_in::LastCheckIn;
use crate::error::Result;
use crate::holder_session;
use crate::sql::{Reader, changed_one, from_row, searched};
use crate::transaction::Transaction;

/// The columns of a [`Phone`], of `phones p`.
macro_rules! phone_columns {
    () => {
        concat!(
            "p.id, p.holder_id, p.name, p.guid, p.state, p.created, p.revoked_at, ",
            crate::check_in::last_check_in_columns!()
        )
    };
}
pub(crate) use phone_columns;

/// A phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Random id.
    pub id: String,
    /// Whose it is.
    pub holder_id: String,
    /// What it calls itself, or what somebody called it since it was enrolled.
    pub name: String,
    /// The card's GUID.
    pub guid: Guid,
    /// What has become of it.
    pub state: PhoneState,
    /// When it was enrolled, the last time.
    pub created: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What it said at its last check-in.
    pub check_in: LastCheckIn,
}

from_row!(Phone {
    id,
    holder_id,
    name,
    guid: text,
    state,
    created,
    revoked_at,
    check_in: whole
});

/// A GUID as columns have it: in upper case.
fn column(guid: Guid) -> String {
    format!("{guid:X}")
}

/// A phone with what people are told of it.
#[derive(Clone, Debug)]
pub struct PhoneSummary {
    /// The phone.
    pub phone: Phone,
    /// Its holder's name.
    pub holder_name: String,
    /// When the first of its present certificates ends.
    pub next_end: Option<Timestamp>,
}

from_row!(PhoneSummary {
    phone: whole,
    holder_name,
    next_end
});

/// Adds a phone, or finds the one with the same card, which is active from then on. Returns its id, and none if it is
/// suspended; the phone stays as it is until the transaction ends.
pub async fn enroll(tx: &mut Transaction, row: &Phone) -> Result<Option<String>> {
    let found = sqlx::query(
        "INSERT INTO phones (id, holder_id, name, guid, state, created, revoked_at, search) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (guid) DO UPDATE SET state = 'active', revoked_at = NULL \
         WHERE phones.state <> 'suspended' RETURNING id",
    )
    .bind(&row.id)
    .bind(&row.holder_id)
    .bind(&row.name)
    .bind(column(row.guid))
    .bind(row.state)
    .bind(row.created)
    .bind(row.revoked_at)
    .bind(searched(&[&row.name, &column(row.guid)]))
    .fetch_optional(tx.connection())
    .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// Notes that a phone has its certificates, what it calls itself, and since when. Returns whether it is active; if it is,
/// it stays so until the transaction ends.
pub async fn set_enrolled(
    tx: &mut Transaction,
    id: &str,
    guid: Guid,
    name: &str,
    now: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE phones SET name = $1, search = $2, created = $3 WHERE id = $4 AND state = 'active'",
    )
    .bind(name)
    .bind(searched(&[name, &column(guid)]))
    .bind(now)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Gives a phone another name.
pub async fn rename(tx: &mut Transaction, id: &str, guid: Guid, name: &str) -> Result<()> {
    sqlx::query("UPDATE phones SET name = $1, search = $2 WHERE id = $3")
        .bind(name)
        .bind(searched(&[name, &column(guid)]))
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Claims a card's GUID for a holder. Returns whose it is: the holder who claimed it first.
pub async fn claim_guid(tx: &mut Transaction, guid: Guid, holder_id: &str) -> Result<String> {
    sqlx::query(
        "INSERT INTO cards (guid, holder_id) VALUES ($1, $2) ON CONFLICT (guid) DO NOTHING",
    )
    .bind(column(guid))
    .bind(holder_id)
    .execute(tx.connection())
    .await?;
    let row = sqlx::query("SELECT holder_id FROM cards WHERE guid = $1")
        .bind(column(guid))
        .fetch_one(tx.connection())
        .await?;
    Ok(row.try_get(0)?)
}

/// Marks an active phone as suspended, which ends the sessions that it was shown for, or a suspended one as active. Returns
/// whether it was what it had to be.
pub async fn set_suspended(tx: &mut Transaction, id: &str, is_suspended: bool) -> Result<bool> {
    if is_suspended {
        holder_session::delete_of_phone(tx, id).await?;
    }
    let (from, to) = if is_suspended {
        (PhoneState::Active, PhoneState::Suspended)
    } else {
        (PhoneState::Suspended, PhoneState::Active)
    };
    let result = sqlx::query("UPDATE phones SET state = $1 WHERE id = $2 AND state = $3")
        .bind(to)
        .bind(id)
        .bind(from)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Marks a phone as revoked, which ends the sessions that it was shown for. Returns whether it was not revoked before.
pub async fn set_revoked(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<bool> {
    holder_session::delete_of_phone(tx, id).await?;
    let result = sqlx::query(
        "UPDATE phones SET state = 'revoked', revoked_at = $1 WHERE id = $2 AND state <> 'revoked'",
    )
    .bind(now)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Whether a phone is active; if it is, it stays so until the transaction ends.
pub async fn hold_active(tx: &mut Transaction, id: &str) -> Result<bool> {
    // An update that changes nothing, for the lock: both databases know it.
    let result = sqlx::query("UPDATE phones SET state = state WHERE id = $1 AND state = 'active'")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// The phone with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Phone>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        phone_columns!(),
        " FROM phones p WHERE p.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The phone with this id and its holder's name.
pub async fn summary<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<PhoneSummary>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        phone_columns!(),
        ", h.name AS holder_name, NULLIF(p.next_end, 9223372036854775807) AS next_end \
         FROM phones p JOIN holders h ON h.id = p.holder_id WHERE p.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The phones of a holder that are not revoked, newest first.
pub async fn unrevoked_of_holder<'e>(on: impl Reader<'e>, holder_id: &str) -> Result<Vec<Phone>> {
    let mut all = of_holder(on, holder_id).await?;
    all.retain(|phone| phone.state != PhoneState::Revoked);
    Ok(all)
}

/// The phones of a holder, newest first.
pub async fn of_holder<'e>(on: impl Reader<'e>, holder_id: &str) -> Result<Vec<Phone>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        phone_columns!(),
        " FROM phones p WHERE p.holder_id = $1 ORDER BY p.created DESC, p.id DESC",
    ))
    .bind(holder_id)
    .fetch_all(on)
    .await?)
}
