//! What a transaction tells others: the events that it records, for the webhooks that are told of them.

use crate::error::Result;

/// Adds the events from `first` on for the webhooks that are told of them: those of the transaction at hand, which holds the
/// end of the audit trail, so that nobody else's are among them and they are told in their order. Returns whether there was one
/// to tell.
pub(crate) async fn add_events(on: &mut sqlx::AnyConnection, first: i64) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO outbox (id, lane, sequence, created, state, next_attempt) \
         SELECT w.id || '-' || CAST(e.sequence AS TEXT), w.id, e.sequence, e.at, 'waiting', 0 \
         FROM webhooks w JOIN audit_events e ON w.objects LIKE '% ' || e.object_kind || ' %' \
         WHERE w.disabled IS NULL AND e.sequence >= $1",
    )
    .bind(first)
    .execute(on)
    .await?;
    Ok(added.rows_affected() > 0)
}
