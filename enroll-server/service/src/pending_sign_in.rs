//! The second step of signing in: whoever gave the password of an account shows its second factor.

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random::Token;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::pending_sign_in;

use crate::app::App;
use crate::error::{Error, Result};
use crate::passkey;
use crate::second_factor::{self, Factor, Worth};
use crate::session::{Beginning, Begun, Visit};
use crate::sign_in::{self, WAITS};
use crate::webauthn::options::{self, ToShow};

/// How many wrong factors end it: the password is asked for again then.
const TRIES: i64 = 5;

/// What became of a factor.
#[derive(Debug)]
pub enum Shown {
    /// It was right.
    Begun(Begun),
    /// It was wrong, or was used before.
    Refused,
    /// There may be a copy of the passkey: its counter went back.
    Copied,
    /// Nothing waits any more: it took too long, there were too many wrong ones, or the password was changed.
    Gone,
}

/// What somebody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether a passkey will do.
    pub passkey: bool,
}

/// What somebody with this token is asked for; none if nothing waits.
pub async fn asked(app: &App, token: &Token) -> Result<Option<Asked>> {
    let Some(account) = account(app, token).await? else {
        return Ok(None);
    };
    Ok(Some(Asked {
        passkey: passkey::count(app, &account.id).await? > 0,
    }))
}

/// Asks the browser with this token for a passkey; none if nothing waits.
///
/// # Errors
/// [`Error::Conflict`] where browsers have no passkeys.
pub async fn ask_for_passkey(app: &App, token: &Token) -> Result<Option<ToShow>> {
    let Some(account) = account(app, token).await? else {
        return Ok(None);
    };
    let asked = options::to_show(app, &token.hash(), Some(&account.id)).await?;
    Ok(Some(asked))
}

/// Signs in whoever shows the second factor.
///
/// # Errors
/// [`Error::RateLimited`] after too many wrong codes.
pub async fn show(app: &App, token: &Token, factor: &Factor, visit: &Visit) -> Result<Shown> {
    let Some(account) = account(app, token).await? else {
        return Ok(Shown::Gone);
    };
    sign_in::wait_for_factor(app, &account, factor, visit).await?;
    let fit = second_factor::fit(app, &account.id, &token.hash(), factor).await?;
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
                let worth = match fit {
                    Some(fit) => fit.use_up(tx, &account.id, &actor, now).await?,
                    None => Worth::Nothing,
                };
                let (refused, shown) = match worth {
                    Worth::Good => {
                        pending_sign_in::delete(tx, &hash).await?;
                        return Ok(Shown::Begun(beginning.begin(tx).await?));
                    }
                    Worth::Nothing => (Event::SecondFactorRefused(Nothing {}), Shown::Refused),
                    Worth::Copied(named) => (Event::PasskeyCopied(named), Shown::Copied),
                };
                pending_sign_in::refuse(tx, &hash).await?;
                tx.record(NewEvent::new(now, &unknown, &account.id, refused));
                Ok(shown)
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
