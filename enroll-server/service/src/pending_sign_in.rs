//! The second step of signing in: whoever gave the password of an account shows its second factor.

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random::Token;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::pending_sign_in;

use crate::app::App;
use crate::error::{Error, Result};
use crate::second_factor::{self, Code};
use crate::session::{Beginning, Begun, Visit};
use crate::sign_in::{self, WAITS};

/// How many wrong codes end it: the password is asked for again then.
const TRIES: i64 = 5;

/// What became of a code.
#[derive(Debug)]
pub enum Shown {
    /// It was right.
    Begun(Begun),
    /// It was wrong, or was used before.
    Refused,
    /// Nothing waits any more: it took too long, there were too many wrong codes, or the password was changed.
    Gone,
}

/// Whether somebody with this token is asked for a second factor.
pub async fn is_open(app: &App, token: &Token) -> Result<bool> {
    Ok(account(app, token).await?.is_some())
}

/// Signs in whoever shows the second factor.
///
/// # Errors
/// [`Error::RateLimited`] after too many wrong codes.
pub async fn show(app: &App, token: &Token, code: &Code, visit: &Visit) -> Result<Shown> {
    let Some(account) = account(app, token).await? else {
        return Ok(Shown::Gone);
    };
    sign_in::wait_for_code(app, &account, code, visit).await?;
    let fit = second_factor::fit(app, &account.id, code).await?;
    let beginning = Beginning::new(app, &account, visit)?;
    let now = app.clock.now();
    let (hash, actor) = (
        token.hash(),
        Actor::administrator(&account.id, &account.name, &visit.source),
    );
    let unknown = Actor::anonymous(&account.email, &visit.source);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if !beginning.lock(tx).await? {
                    return Ok(Shown::Gone);
                }
                // Somebody else may have ended it.
                let found = pending_sign_in::by_token_hash(tx.reader(), &hash).await?;
                if found.is_none_or(|found| found.refused >= TRIES) {
                    return Ok(Shown::Gone);
                }
                let is_right = match fit {
                    Some(fit) => fit.use_up(tx, &account.id, &actor, now).await?,
                    None => false,
                };
                if is_right {
                    pending_sign_in::delete(tx, &hash).await?;
                    return Ok(Shown::Begun(beginning.begin(tx).await?));
                }
                pending_sign_in::refuse(tx, &hash).await?;
                let refused = Event::SecondFactorRefused(Nothing {});
                tx.record(NewEvent::new(now, &unknown, &account.id, refused));
                Ok(Shown::Refused)
            })
        })
        .await
}

/// The account of whoever has the token of a sign-in that waits.
async fn account(app: &App, token: &Token) -> Result<Option<Administrator>> {
    let reader = app.store.reader();
    let Some(found) = pending_sign_in::by_token_hash(reader, &token.hash()).await? else {
        return Ok(None);
    };
    if !found.expires.still_holds(WAITS, app.clock.now()) || found.refused >= TRIES {
        return Ok(None);
    }
    Ok(administrator::by_id(reader, &found.administrator_id).await?)
}
