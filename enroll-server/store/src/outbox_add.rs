//! What a transaction tells others: the events that it records, for the webhooks that are told of them. To be called by whoever
//! holds the end of the audit trail, so that no two transactions are there at once.

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

/// Adds mails for the holders of phones to which something happened that they would notice if it was somebody else's doing, from
/// the events from `first` on. Returns whether there was one. Their ids are those of the events' places in this audit trail.
pub(crate) async fn add_notices(on: &mut sqlx::AnyConnection, first: i64) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO outbox (id, lane, sequence, created, state, next_attempt, kind, about, recipient) \
         SELECT 'mail-' || substr(e.hash, 1, 32), 'mail', e.sequence, e.at, 'waiting', 0, e.kind, p.id, h.email_ascii \
         FROM audit_events e JOIN phones p ON p.id = e.object_id JOIN holders h ON h.id = p.holder_id \
         WHERE e.sequence >= $1 AND e.kind IN ('phone-enrolled', 'phone-suspended', 'phone-revoked', 'pin-unblocked') \
         AND h.email <> ''",
    )
    .bind(first)
    .execute(on)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Removes what was sent or is to be sent to a webhook that the transaction at hand removes: also what another one added
/// meanwhile, which is over by now.
pub(crate) async fn remove_lane(on: &mut sqlx::AnyConnection, lane: &str) -> Result<()> {
    sqlx::query("DELETE FROM outbox WHERE lane = $1")
        .bind(lane)
        .execute(on)
        .await?;
    Ok(())
}
