//! Cancelling an invitation, by itself or with what it belongs to.

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::{Transaction, invitation};

use crate::error::Result;

/// Cancels an invitation that can still be used, and puts that on record. Returns whether it could; one that a phone is
/// about to use is waited for.
pub(crate) async fn cancel(
    tx: &mut Transaction,
    id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    let is_cancelled = invitation::cancel(tx, id, now).await?;
    if is_cancelled {
        let event = Event::InvitationCancelled(Nothing {});
        tx.record(NewEvent::new(now, actor, id, event));
    }
    Ok(is_cancelled)
}
