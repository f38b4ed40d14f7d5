//! The row that shows whether the database takes writes.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::transaction::Transaction;

/// Writes it.
pub async fn write(tx: &mut Transaction, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE write_probe SET written_at = $1 WHERE id = 1")
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
