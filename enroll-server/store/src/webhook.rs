//! Webhooks: addresses that are told of events.

use enroll_server_model::{ObjectKind, Timestamp};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::error::Result;
use crate::sql::{Reader, changed_one};
use crate::transaction::Transaction;

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Random id.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// The kinds of objects whose events it is told of.
    pub objects: Vec<ObjectKind>,
    /// When it was added.
    pub created: Timestamp,
    /// Who added it: the administrator's name.
    pub created_by: String,
    /// Since when it is told nothing.
    pub disabled: Option<Timestamp>,
}

impl sqlx::FromRow<'_, AnyRow> for Webhook {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let objects: String = row.try_get("objects")?;
        Ok(Self {
            id: row.try_get("id")?,
            url: row.try_get("url")?,
            // A newer server may know more kinds.
            objects: objects
                .split_whitespace()
                .filter_map(|word| word.parse().ok())
                .collect(),
            created: row.try_get("created")?,
            created_by: row.try_get("created_by")?,
            disabled: row.try_get("disabled")?,
        })
    }
}

/// Each kind between spaces.
fn listed(objects: &[ObjectKind]) -> String {
    let words: Vec<&str> = objects.iter().map(|kind| kind.as_str()).collect();
    format!(" {} ", words.join(" "))
}

/// Adds a webhook.
pub async fn insert(tx: &mut Transaction, row: &Webhook) -> Result<()> {
    sqlx::query(
        "INSERT INTO webhooks (id, url, objects, created, created_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&row.id)
    .bind(&row.url)
    .bind(listed(&row.objects))
    .bind(row.created)
    .bind(&row.created_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// All webhooks, the oldest first.
pub async fn all<'e>(on: impl Reader<'e>) -> Result<Vec<Webhook>> {
    Ok(sqlx::query_as(
        "SELECT id, url, objects, created, created_by, disabled FROM webhooks ORDER BY created, id",
    )
    .fetch_all(on)
    .await?)
}

/// The webhook with this id.
pub async fn by_id<'e>(on: impl Reader<'e>, id: &str) -> Result<Option<Webhook>> {
    Ok(sqlx::query_as(
        "SELECT id, url, objects, created, created_by, disabled FROM webhooks WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?)
}

/// Changes where a webhook is told, and of what. Returns whether it is there.
pub async fn update(
    tx: &mut Transaction,
    id: &str,
    url: &str,
    objects: &[ObjectKind],
) -> Result<bool> {
    let result = sqlx::query("UPDATE webhooks SET url = $1, objects = $2 WHERE id = $3")
        .bind(url)
        .bind(listed(objects))
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Disables a webhook, or enables it. Returns whether it was the other.
pub async fn set_disabled(
    tx: &mut Transaction,
    id: &str,
    since: Option<Timestamp>,
) -> Result<bool> {
    let statement = match since {
        Some(_) => "UPDATE webhooks SET disabled = $1 WHERE id = $2 AND disabled IS NULL",
        None => "UPDATE webhooks SET disabled = $1 WHERE id = $2 AND disabled IS NOT NULL",
    };
    let result = sqlx::query(statement)
        .bind(since)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}

/// Removes a webhook, with all that was sent or is to be sent to it. Returns whether it was there.
pub async fn delete(tx: &mut Transaction, id: &str) -> Result<bool> {
    tx.remove_lane(id);
    let result = sqlx::query("DELETE FROM webhooks WHERE id = $1")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed_one(&result))
}
