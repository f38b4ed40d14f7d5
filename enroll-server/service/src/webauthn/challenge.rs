//! Challenges: random, kept here, good for a few minutes and once.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use enroll_server_model::random;
use enroll_server_store::StoreError;
use enroll_server_store::passkey::{self, Challenge};

use super::answer::Asked;
use super::relying_party::RelyingParty;
use crate::app::App;
use crate::error::Result;

/// For how long a challenge is good.
pub(crate) const LASTS: Duration = Duration::from_secs(5 * 60);

/// A new challenge for the browser whose token has the hash `bound_to`; the one that it had is good no longer.
pub(crate) async fn make(app: &App, bound_to: &str) -> Result<String> {
    let now = app.clock.now();
    let challenge = BASE64URL_NOPAD.encode(&random::bytes::<32>()?);
    let row = Challenge {
        bound_to: bound_to.to_owned(),
        challenge: challenge.clone(),
        expires: now.plus(LASTS),
    };
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                passkey::forget_ended(tx, now, now.latest_end(LASTS)).await?;
                passkey::set_challenge(tx, &row).await
            })
        })
        .await?;
    Ok(challenge)
}

/// What that browser was asked, if it was asked not long ago. Whatever its answer is, it was good once.
pub(crate) async fn take(app: &App, bound_to: &str) -> Result<Option<Asked>> {
    let Some(party) = RelyingParty::of(app) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let bound_to = bound_to.to_owned();
    let taken = app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { passkey::take_challenge(tx, &bound_to).await })
        })
        .await?;
    let taken = taken.filter(|taken| taken.expires.still_holds(LASTS, now));
    Ok(taken.map(|taken| Asked {
        party,
        challenge: taken.challenge,
    }))
}
