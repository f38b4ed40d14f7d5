//! What people chose in lists, until they have said what is to be done with it.

use enroll_server_model::{BulkAct, Timestamp};

use crate::error::Result;
use crate::sql::{Reader, changed_one, from_row};
use crate::transaction::Transaction;

/// What somebody chose.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Random id.
    pub id: String,
    /// Who chose.
    pub administrator_id: String,
    /// What is to be done.
    pub act: BulkAct,
    /// With what: JSON.
    pub chosen: String,
    /// When it was chosen.
    pub created: Timestamp,
}

from_row!(Selection {
    id,
    administrator_id,
    act: text,
    chosen,
    created
});

/// Keeps a selection.
pub async fn insert(tx: &mut Transaction, row: &Selection) -> Result<()> {
    sqlx::query(
        "INSERT INTO selections (id, administrator_id, act, chosen, created) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&row.id)
    .bind(&row.administrator_id)
    .bind(row.act)
    .bind(&row.chosen)
    .bind(row.created)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The selection with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Selection>> {
    Ok(sqlx::query_as(
        "SELECT id, administrator_id, act, chosen, created FROM selections WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// Forgets a selection. Returns whether there was one: of two who do this at once, one is told so.
pub async fn delete(tx: &mut Transaction, id: &str) -> Result<bool> {
    let result = sqlx::query("DELETE FROM selections WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Forgets those that were made before a time.
pub async fn delete_before(tx: &mut Transaction, time: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM selections WHERE created < $1")
        .bind(time)
        .execute(tx.connection())
        .await?;
    Ok(())
}
