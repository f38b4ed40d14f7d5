//! Replacing a phone: what is to become of it, and the invitation of the one that takes its place, in one act.

use std::sync::Arc;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::Actor;
use enroll_server_store::{invitation as rows, phone};

use super::invitation::{Invited, Link, add, draft};
use super::mailing::ByMail;
use super::replaced::Replacing;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;
use crate::suspension::{check_active, holder_locked};

/// The keys that whatever takes the place of a phone is asked for: those of its own last enrollment, as the policy is now.
///
/// # Errors
/// [`Error::NotFound`] if no policy is in force.
pub(crate) async fn policy(app: &App, phone_id: &str) -> Result<Arc<EnrollmentPolicy>> {
    let enrolled_with = rows::of_phone(app.store.reader(), phone_id).await?;
    let same = enrolled_with
        .first()
        .and_then(|invitation| app.policies.get(&invitation.policy));
    let policy = same.or_else(|| app.policies.in_force().first());
    Ok(policy.ok_or(Error::NotFound(Object::Invitation))?.clone())
}

/// Invites the holder of a phone to enroll another one in its place, under the names that they have.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the phone is revoked, or its holder suspended or gone.
pub async fn replace(app: &App, old: Replacing, by_mail: ByMail, actor: &Actor) -> Result<Invited> {
    let id = old.phone.clone();
    let policy = policy(app, &id).await?;
    let draft = draft(app, &policy, by_mail, Some(old), actor, Link::KnownOnce).await?;
    let now = app.clock.now();
    let actor = actor.clone();
    let invited = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let old = phone::by_id(tx.reader(), &id).await?;
                let old = old.ok_or(Error::NotFound(Object::Phone))?;
                // First of all, as whoever changes something of a holder's does.
                let holder = holder_locked(tx, &old.holder_id).await?;
                check_active(&holder)?;
                add(tx, draft, holder, now, &actor).await
            })
        })
        .await;
    app.crls.due.notify_one();
    invited
}
