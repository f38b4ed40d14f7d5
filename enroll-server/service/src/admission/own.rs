//! Holders who invite another phone of their own.

use std::time::Duration;

use enroll_server_model::Actor;
use enroll_server_model::random::Token;
use enroll_server_store::holder::Holder;
use enroll_server_store::invitation as rows;
use enroll_server_store::rate_limit::Limit;

use super::invitation::{self, NewInvitation};
use super::mailing::ByMail;
use crate::app::App;
use crate::error::{Error, Result};
use crate::person::{MailLanguage, SharedMail, SystemAccount};
use crate::rate_limit;
use crate::refusal::Object;

/// Invitations of one holder: each is a way into their name.
const PER_HOLDER: Limit = Limit {
    burst: 3,
    interval: Duration::from_secs(60 * 60),
};

/// Invites another phone of a holder, which makes the keys that their last one was asked for. Returns the invitation's token.
///
/// # Errors
/// [`Error::RateLimited`] after a few; as [`invitation::invite`] if they are suspended by now.
pub async fn invite(app: &App, holder: &Holder, actor: &Actor) -> Result<Token> {
    let bucket = format!("own-pages:invitation:{}", holder.id);
    rate_limit::take(app, &bucket, PER_HOLDER).await?;
    let earlier = rows::of_holder(app.store.reader(), &holder.id).await?;
    let same = earlier
        .first()
        .and_then(|earlier| app.policies.get(&earlier.policy));
    let policy = same.or_else(|| app.policies.in_force().first());
    let new = NewInvitation {
        name: holder.name.clone(),
        email: holder.email.clone(),
        upn: holder.upn.clone(),
        language: MailLanguage::IfNew(holder.language.clone()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
        policy: policy.ok_or(Error::NotFound(Object::Invitation))?.clone(),
        by_mail: ByMail::No,
        replaces: None,
    };
    Ok(invitation::invite(app, new, actor).await?.token)
}
