//! A phone whose place another is to take: what becomes of it when the other one is invited.

use enroll_server_model::event_detail::{ReplacedPhone, RevokedPhone};
use enroll_server_model::{Actor, PhoneState, RevocationReason, Timestamp};
use enroll_server_store::holder::Holder;
use enroll_server_store::{Transaction, invitation, phone};

use crate::cancellation::cancel;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};
use crate::revocation::{phone_revoked, revoke_one};

/// A phone that is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacing {
    /// Its id.
    pub phone: String,
    /// What becomes of it.
    pub departure: Departure,
}

/// What becomes of a phone that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It is revoked at once.
    AtOnce(RevocationReason),
    /// It stays in use until the new one is enrolled, and is revoked as superseded then.
    OnceReplaced,
}

/// Begins to replace a phone of a holder who is locked: it is revoked, unless it stays in use, and earlier invitations to replace it
/// are cancelled, since one phone takes its place. Returns what the event of the invitation says of it.
///
/// # Errors
/// [`Error::NotFound`], also for another holder's phone; [`Error::Conflict`] if it is revoked.
pub(super) async fn begin(
    tx: &mut Transaction,
    replacing: Replacing,
    holder: &Holder,
    now: Timestamp,
    actor: &Actor,
) -> Result<ReplacedPhone> {
    let id = &replacing.phone;
    let old = phone::by_id(tx.reader(), id).await?;
    let old = old.filter(|old| old.holder_id == holder.id);
    let old = old.ok_or(Error::NotFound(Object::Phone))?;
    if old.state == PhoneState::Revoked {
        return Err(Conflict::PhoneRevoked.into());
    }
    let reason = match replacing.departure {
        Departure::AtOnce(reason) => {
            let certificates = revoke_one(tx, id, reason, now, actor).await?;
            let revoked = RevokedPhone {
                reason: Some(reason),
                certificates: certificates.ok_or(Conflict::PhoneRevoked)?,
                ..RevokedPhone::default()
            };
            tx.record(phone_revoked(id, revoked, now, actor));
            Some(reason)
        }
        Departure::OnceReplaced => None,
    };
    let mut cancelled = Vec::new();
    for earlier in invitation::replacing(tx.reader(), id).await? {
        if cancel(tx, &earlier.id, now, actor).await? {
            cancelled.push(earlier.id);
        }
    }
    Ok(ReplacedPhone {
        phone: old.id,
        name: old.name,
        reason,
        cancelled,
    })
}
