//! The row that shows whether the database takes writes.

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::kind::Kind;
use crate::transaction::Transaction;

/// Takes 64 kB of the disk that PostgreSQL's tables are on, until the transaction ends: a row that is changed over and over
/// finds room where it was, however full the disk is. Nobody waits for a temporary table, and nobody else sees it. Where the
/// user may make none, the row is all there is.
const TAKE_SPACE: &str = "DO $$ BEGIN IF has_database_privilege(current_database(), 'TEMPORARY') THEN \
    SET LOCAL temp_tablespaces = ''; \
    CREATE TEMPORARY TABLE enroll_server_space ON COMMIT DROP AS \
    SELECT CAST('' AS name) AS filler FROM generate_series(1, 800); END IF; END $$";

/// Writes it.
pub async fn write(tx: &mut Transaction, kind: Kind, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE write_probe SET written_at = $1 WHERE id = 1")
        .bind(now)
        .execute(tx.connection())
        .await?;
    // SQLite appends to its write-ahead log in any case.
    if kind == Kind::Postgres {
        sqlx::query(TAKE_SPACE).execute(tx.connection()).await?;
    }
    Ok(())
}
