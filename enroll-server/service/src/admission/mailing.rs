//! Invitations by mail: at first, once more, and as a reminder. Each has the link of the beginning.

use std::time::Duration;

use enroll_server_model::event_detail::MailedInvitation;
use enroll_server_model::{
    Actor, DeliveryState, Event, InvitationState, MailKind, NewEvent, Timestamp, random,
};
use enroll_server_store::Transaction;
use enroll_server_store::holder::Holder;
use enroll_server_store::invitation::{self, Invitation};
use enroll_server_store::outbox as rows;

use crate::app::App;
use crate::error::{Error, Result};
use crate::outbox::outbox_key::OutboxKey;
use crate::outbox::{self, mail};
use crate::refusal::{Conflict, Object};
use crate::suspension::{check_active, holder_locked};

/// How long after a mail there may be another one about the same invitation.
pub const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Whether an invitation is sent by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByMail {
    /// It is.
    Yes,
    /// Whoever invites gives the link to the holder.
    No,
}

/// Has an invitation sent, within the transaction that decides it.
pub(super) async fn add(
    tx: &mut Transaction,
    invitation: &Invitation,
    holder: &Holder,
    kind: MailKind,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    mail::add(tx, kind, &invitation.id, &holder.email_ascii, now).await?;
    let facts = MailedInvitation {
        holder: holder.id.clone(),
        name: holder.name.clone(),
        email: holder.email.clone(),
    };
    let event = match kind {
        MailKind::Reminder => Event::InvitationReminded(facts),
        _ => Event::InvitationMailed(facts),
    };
    tx.record(NewEvent::new(now, actor, &invitation.id, event));
    Ok(())
}

/// Sends an invitation that went to another mail address before to the holder's, with another link, if it was sent by mail.
/// Whoever has the link that went out can do nothing with it, also where nobody sends mail any more. Returns whether it is sent.
/// `times`: by our clock, and by the database's.
pub(crate) async fn follow(
    tx: &mut Transaction,
    invitation: &Invitation,
    holder: &Holder,
    key: &OutboxKey,
    times: (Timestamp, Timestamp),
    actor: &Actor,
    sends_mail: bool,
) -> Result<bool> {
    let mails = rows::mails_about(tx.reader(), &invitation.id).await?;
    let (Some(latest), Some(_)) = (mails.first(), &invitation.link_seed) else {
        return Ok(false);
    };
    let seed = random::id()?;
    let hash = key.of_invitation(&invitation.id, &seed).hash();
    if !invitation::set_link(tx, &invitation.id, &seed, &hash).await? {
        return Ok(false);
    }
    if !sends_mail {
        return Ok(false);
    }
    let (now, database_now) = times;
    // What is being sent at this moment goes on to the old address, and has no link any more if it is tried again.
    let waits = latest.state == DeliveryState::Waiting && latest.lease.is_empty();
    if waits && rows::redirect(tx, &latest.id, &holder.email_ascii).await? {
        outbox::send_again(tx, &latest.id, database_now).await?;
    } else {
        add(tx, invitation, holder, MailKind::Invitation, now, actor).await?;
    }
    Ok(true)
}

/// Sends an invitation that can be used, with the link that it has; one that is on its way is tried at once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it cannot be used, if it was sent just now, or if there is nobody who sends it.
pub async fn send(app: &App, id: &str, kind: MailKind, actor: &Actor) -> Result<()> {
    if !app.sends_mail {
        return Err(Conflict::NoMail.into());
    }
    let (now, database_now) = (app.clock.now(), outbox::now(app).await?);
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let found = invitation::by_id(tx.reader(), &id).await?;
                let found = found.ok_or(Error::NotFound(Object::Invitation))?;
                // Nobody else sends it meanwhile.
                let holder = holder_locked(tx, &found.holder_id).await?;
                let state = found.state_at(now);
                if state != InvitationState::Pending {
                    return Err(Conflict::NotPending(state).into());
                }
                check_active(&holder)?;
                if found.link_seed.is_none() {
                    return Err(Conflict::NoMail.into());
                }
                let latest = rows::mails_about(tx.reader(), &id)
                    .await?
                    .into_iter()
                    .next();
                match latest {
                    Some(latest) if latest.state == DeliveryState::Waiting => {
                        // Unless it is delivered at this moment.
                        if !rows::redirect(tx, &latest.id, &holder.email_ascii).await? {
                            return Err(Conflict::MailedLately.into());
                        }
                        outbox::send_again(tx, &latest.id, database_now).await?;
                        return Ok(());
                    }
                    Some(latest)
                        if latest.state == DeliveryState::Delivered
                            && latest.created.is_within(PAUSE, now) =>
                    {
                        return Err(Conflict::MailedLately.into());
                    }
                    Some(_) | None => {}
                }
                add(tx, &found, &holder, kind, now, &actor).await
            })
        })
        .await
}
