//! Holders: the people whose phones are enrolled.

use enroll_server_model::{HolderState, Timestamp};

use crate::error::Result;
use crate::holder_session;
use crate::sql::{Reader, changed_one, from_row, searched};
use crate::transaction::Transaction;

/// The columns of a [`Holder`], of `holders h`.
macro_rules! holder_columns {
    () => {
        "h.id, h.name, h.email, h.email_ascii, h.upn, h.username, h.state, h.phones, h.language, h.created"
    };
}
pub(crate) use holder_columns;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Random id.
    pub id: String,
    /// The name, as in the subject of the certificates.
    pub name: String,
    /// Mail address, as it was typed.
    pub email: String,
    /// The same with the domain in ASCII, as certificates carry it.
    pub email_ascii: String,
    /// User principal name, lower case.
    pub upn: String,
    /// The part of the UPN before the '@'; the account that sshd asks for.
    pub username: String,
    /// How they stand to the organisation.
    pub state: HolderState,
    /// How many phones they have that are not revoked.
    pub phones: i64,
    /// In which language they are written to: a tag (BCP 47).
    pub language: String,
    /// When they were added.
    pub created: Timestamp,
}

from_row!(Holder {
    id,
    name,
    email,
    email_ascii,
    upn,
    username,
    state,
    phones,
    language,
    created
});

/// Adds a holder, who is active and has no phone.
///
/// # Errors
/// If the UPN or its first part is taken, or the database fails.
pub async fn insert(tx: &mut Transaction, row: &Holder) -> Result<()> {
    sqlx::query(
        "INSERT INTO holders (id, name, email, email_ascii, upn, username, language, created, search) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(&row.email)
    .bind(&row.email_ascii)
    .bind(&row.upn)
    .bind(&row.username)
    .bind(&row.language)
    .bind(row.created)
    .bind(search_text(row))
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn search_text(row: &Holder) -> String {
    let mut texts = vec![row.name.as_str(), &row.email, &row.upn];
    if row.email_ascii != row.email {
        texts.push(&row.email_ascii);
    }
    searched(&texts)
}

/// Writes a holder's names and language.
///
/// # Errors
/// As [`insert`].
pub async fn update(tx: &mut Transaction, row: &Holder) -> Result<()> {
    sqlx::query(
        "UPDATE holders SET name = $1, email = $2, email_ascii = $3, upn = $4, username = $5, search = $6, language = $7 \
         WHERE id = $8",
    )
    .bind(&row.name)
    .bind(&row.email)
    .bind(&row.email_ascii)
    .bind(&row.upn)
    .bind(&row.username)
    .bind(search_text(row))
    .bind(&row.language)
    .bind(&row.id)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keeps every other transaction from changing a holder or any of their phones: whoever does so locks the holder first. Returns
/// the holder as they are.
pub async fn lock(tx: &mut Transaction, id: &str) -> Result<Option<Holder>> {
    // Both databases lock what is updated.
    sqlx::query("UPDATE holders SET state = state WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    by_id(tx.reader(), id).await
}

/// Notes how a holder stands to the organisation; the sessions of one who is not active end. Returns whether there is one with
/// this id.
pub async fn set_state(tx: &mut Transaction, id: &str, state: HolderState) -> Result<bool> {
    if state != HolderState::Active {
        holder_session::delete_of(tx, id).await?;
    }
    let result = sqlx::query("UPDATE holders SET state = $1 WHERE id = $2")
        .bind(state)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Removes a holder of whom nothing else is stored.
///
/// # Errors
/// If something is, or the database fails.
pub async fn delete(tx: &mut Transaction, id: &str) -> Result<()> {
    sqlx::query("DELETE FROM holders WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The holder with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Holder>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        holder_columns!(),
        " FROM holders h WHERE h.id = $1",
    ))
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// The holders with this mail address, in ASCII, by name; upper and lower case are the same.
pub async fn by_mail<'e>(on: impl Reader<'e>, email: &str) -> Result<Vec<Holder>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        holder_columns!(),
        " FROM holders h WHERE lower(h.email_ascii) = $1 ORDER BY h.name, h.id",
    ))
    .bind(email.to_ascii_lowercase())
    .fetch_all(on)
    .await?)
}

/// The holder of this account: the part of their UPN before the '@'.
pub async fn by_username<'e>(on: impl Reader<'e>, username: &str) -> Result<Option<Holder>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        holder_columns!(),
        " FROM holders h WHERE h.username = $1",
    ))
    .bind(username.to_lowercase())
    .fetch_optional(on)
    .await?)
}
