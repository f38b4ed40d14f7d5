//! What is true of the whole installation, and the links to set it up.

use sqlx::Row;

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// The installation.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The organisation's name, as in the names of its authorities.
    pub organisation: String,
    /// When the server first started on this database.
    pub created: Timestamp,
    /// When the first administrator was set up; from then on no set-up link works.
    pub setup_closed: Option<Timestamp>,
}

from_row!(Installation {
    organisation,
    created,
    setup_closed
});

/// The installation, if the server has ever started on this database.
pub async fn get<'e>(on: impl Reader<'e>) -> Result<Option<Installation>> {
    Ok(
        sqlx::query_as("SELECT organisation, created, setup_closed FROM installation WHERE id = 1")
            .fetch_optional(on)
            .await?,
    )
}

/// Records the installation; of several servers that start at once, one does. Returns whether it was this one.
pub async fn create(tx: &mut Transaction, organisation: &str, now: Timestamp) -> Result<bool> {
    let result = sqlx::query(
        "INSERT INTO installation (id, organisation, created) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(organisation)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// What secrets of webhooks and links in mail are made with, under the passphrase of the keys; none before it is made.
pub async fn outbox_key<'e>(on: impl Reader<'e>) -> Result<Option<String>> {
    let row = sqlx::query("SELECT outbox_key FROM installation WHERE id = 1")
        .fetch_one(on)
        .await?;
    Ok(row.try_get(0)?)
}

/// Keeps the same in place of `before`. Returns whether it was that still: of several servers that start at once, one gets `true`.
pub async fn set_outbox_key(
    tx: &mut Transaction,
    sealed: &str,
    before: Option<&str>,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE installation SET outbox_key = $1 WHERE id = 1 AND COALESCE(outbox_key, '') = $2",
    )
    .bind(sealed)
    .bind(before.unwrap_or_default())
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Closes the set-up for good. Returns whether it was open: of several that try at once, one gets `true`.
pub async fn close_setup(tx: &mut Transaction, now: Timestamp) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE installation SET setup_closed = $1 WHERE id = 1 AND setup_closed IS NULL",
    )
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed_one(&result))
}

/// Remembers a set-up link by the SHA-256 of its token.
pub async fn add_setup_link(tx: &mut Transaction, token_hash: &str, now: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO setup_links (token_hash, created) VALUES ($1, $2)")
        .bind(token_hash)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether a set-up link with this token was made.
pub async fn has_setup_link<'e>(on: impl Reader<'e>, token_hash: &str) -> Result<bool> {
    Ok(
        sqlx::query("SELECT token_hash FROM setup_links WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(on)
            .await?
            .is_some(),
    )
}

/// Forgets all set-up links.
pub async fn delete_setup_links(tx: &mut Transaction) -> Result<()> {
    sqlx::query("DELETE FROM setup_links")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The latest time of an event since the clock was last [accepted](accept_clock).
pub async fn latest_event<'e>(on: impl Reader<'e>) -> Result<Timestamp> {
    let row = sqlx::query("SELECT latest FROM audit_head WHERE id = 1")
        .fetch_one(on)
        .await?;
    Ok(row.try_get(0)?)
}

/// Takes the time that the clock shows for the right one, also if an event is of a later one.
pub async fn accept_clock(tx: &mut Transaction, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE audit_head SET latest = $1 WHERE id = 1")
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
