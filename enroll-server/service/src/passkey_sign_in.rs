//! Signing in with a passkey alone: it knows by itself whose it is, and has asked who is there.

use enroll_server_model::random::Token;
use enroll_server_model::{AccountState, Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};

use crate::app::App;
use crate::error::{Error, Result};
use crate::second_factor::{self, Worth};
use crate::session::{Beginning, Begun, Visit};
use crate::sign_in::{self, SignInError};
use crate::webauthn::options::{self, ToShow};
use crate::webauthn::shown::{self, Looked, Shown};

/// Asks the browser that came with this token for a passkey.
///
/// # Errors
/// [`Error::RateLimited`]; [`Error::Conflict`] where browsers have no passkeys.
pub async fn ask(app: &App, browser: &Token, visit: &Visit) -> Result<ToShow> {
    sign_in::wait_for_passkey(app, visit).await?;
    options::to_show(app, &browser.hash(), None).await
}

/// Signs in whoever shows the passkey of an account; the browser's session before ends. It was counted as an attempt
/// when the browser was asked.
///
/// # Errors
/// [`SignInError::Refused`]; [`SignInError::Copied`].
pub async fn sign_in(
    app: &App,
    browser: &Token,
    answer: &str,
    visit: &Visit,
) -> Result<Begun, SignInError> {
    let (shown, owner) = match shown::look(app, &browser.hash(), answer).await? {
        Looked::Right(shown) => {
            let owner = account(app, &shown.passkey.administrator_id).await?;
            (Some(shown), owner)
        }
        // Only what was asked counts as an attempt, and is on record.
        Looked::NotAsked => return Err(SignInError::Refused),
        Looked::Wrong(Some(owner)) => (None, account(app, &owner).await?),
        Looked::Wrong(None) => (None, None),
    };
    if let (Some(shown), Some(owner)) = (shown, &owner)
        && owner.state() == AccountState::Active
        && let Some(outcome) = begin(app, shown, owner, visit).await?
    {
        return outcome;
    }
    sign_in::refused_with_passkey(app, owner.as_ref(), &visit.source).await?;
    Err(SignInError::Refused)
}

async fn account(app: &App, id: &str) -> Result<Option<Administrator>> {
    Ok(administrator::by_id(app.store.reader(), id).await?)
}

/// Begins the session; none if the account or the passkey has changed since.
async fn begin(
    app: &App,
    shown: Shown,
    owner: &Administrator,
    visit: &Visit,
) -> Result<Option<Result<Begun, SignInError>>> {
    let beginning = Beginning::new(app, owner, visit)?.with_passkey(&shown.passkey.name);
    let unknown = Actor::anonymous(&owner.email, &visit.source);
    let (id, now) = (owner.id.clone(), app.clock.now());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if !beginning.lock(tx).await? {
                    return Ok(None);
                }
                match second_factor::use_passkey(tx, shown, now).await? {
                    Worth::Good => Ok(Some(Ok(beginning.begin(tx).await?))),
                    Worth::Nothing => Ok(None),
                    Worth::Copied(named) => {
                        let copied = Event::PasskeyCopied(named);
                        tx.record(NewEvent::new(now, &unknown, &id, copied));
                        Ok(Some(Err(SignInError::Copied)))
                    }
                }
            })
        })
        .await
}
