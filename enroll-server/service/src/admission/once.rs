//! Inviting for a program that may ask twice: it has lost the answer, and does not know whether it was heard.

use std::time::Duration;

use enroll_server_model::random::sha256_hex;
use enroll_server_model::{Actor, CLOCKS_DIFFER, Timestamp};
use enroll_server_store::idempotency_key::{self, IdempotencyKey};
use enroll_server_store::{holder, invitation};

use super::invitation::{Invited, Link, NewInvitation, prepare, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::outbox::key;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};

/// For how long a repetition has the same answer.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long to wait while the same request is at work.
const AT_WORK: Duration = Duration::from_secs(1);
/// Most characters of a key.
const LONGEST: usize = 100;

/// A request that is made once, however often it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The id of the token that it comes with.
    pub token_id: String,
    /// The key that the program made up for it.
    pub key: String,
    /// All that is asked for.
    pub asked: Vec<u8>,
}

/// Invites, unless this was done for the same request within a day: then the answer is that of the first time.
///
/// # Errors
/// As [`super::invitation::invite`]; [`Error::InvalidField`] for a key that cannot be one, or was used for another request;
/// [`Error::Conflict`] if the invitation of the first time has another link now;
/// [`Error::NotFound`] if the invitation of the first time is not there any more; [`Error::Busy`] while the same
/// request is at work.
pub async fn invite(
    app: &App,
    new: NewInvitation,
    request: Request,
    actor: &Actor,
) -> Result<Invited> {
    let is_key = (1..=LONGEST).contains(&request.key.len())
        && request.key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key {
        return refused(FieldFlaw::KeyMalformed { longest: LONGEST });
    }
    let digest = sha256_hex(&request.asked);
    if let Some(before) = invited_before(app, &request, &digest).await? {
        return Ok(before);
    }
    let prepared = prepare(app, new, actor, Link::MadeAgain).await?;
    let now = app.clock.now();
    let row = IdempotencyKey {
        token_id: request.token_id.clone(),
        key: request.key.clone(),
        digest: digest.clone(),
        invitation_id: prepared.id().to_owned(),
        link_seed: prepared.link_seed().to_owned(),
        created: now,
    };
    let by = actor.clone();
    let invited = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                idempotency_key::forget(tx, now.minus(KEPT), now.plus(CLOCKS_DIFFER)).await?;
                match idempotency_key::insert(tx, &row).await {
                    Err(error) if error.is_unique_violation() => {
                        return Err(Error::Busy {
                            retry_after: AT_WORK,
                        });
                    }
                    other => other?,
                }
                store(tx, prepared, now, &by).await
            })
        })
        .await;
    // What it replaces may be revoked.
    app.crls.due.notify_one();
    match invited {
        // Somebody was quicker by the moment between the two.
        Err(busy @ Error::Busy { .. }) => invited_before(app, &request, &digest).await?.ok_or(busy),
        other => other,
    }
}

/// What was done for this key.
async fn invited_before(app: &App, request: &Request, digest: &str) -> Result<Option<Invited>> {
    let on = app.store.reader();
    let now: Timestamp = app.clock.now();
    let found = idempotency_key::get(on, &request.token_id, &request.key).await?;
    let Some(found) = found.filter(|found| found.created.is_within_at_any_server(KEPT, now)) else {
        return Ok(None);
    };
    if found.digest != digest {
        return refused(FieldFlaw::KeyUsed);
    }
    let gone = || Error::NotFound(Object::Invitation);
    let invitation = invitation::by_id(on, &found.invitation_id).await?;
    let invitation = invitation.ok_or_else(gone)?;
    // The link of another mail address is not that of the first answer.
    if invitation.link_seed.as_ref() != Some(&found.link_seed) {
        return Err(Conflict::LinkReplaced.into());
    }
    let token = key::key(app)
        .await?
        .of_invitation(&invitation.id, &found.link_seed);
    let holder = holder::by_id(on, &invitation.holder_id).await?;
    Ok(Some(Invited {
        holder: holder.ok_or_else(gone)?,
        invitation,
        token,
    }))
}

fn refused<T>(flaw: FieldFlaw) -> Result<T> {
    Err(Error::InvalidField {
        field: Field::IdempotencyKey,
        flaw,
    })
}
