//! Showing again who one is, before an act that somebody else at the same browser must not do: with the second factor of the
//! account, or with its password where it has none.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::Administrator;
use enroll_server_store::second_factor as store;
use enroll_server_store::session::{self, Session};

use crate::account;
use crate::app::App;
use crate::error::{Error, Result};
use crate::passkey;
use crate::password::Password;
use crate::second_factor::{self, Code, Factor, Worth};
use crate::session::Visit;
use crate::sign_in::{self, SignInError};
use crate::webauthn::options::{self, ToShow};

/// For how long it holds.
pub const HOLDS: Duration = Duration::from_secs(15 * 60);

/// What somebody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The password.
    Password,
    /// A code of the authenticator app, or a recovery code.
    Code,
    /// A passkey, or a code.
    PasskeyOrCode,
}

/// Whether whoever is signed in showed who they are not long ago.
#[must_use]
pub fn holds(app: &App, session: &Session) -> bool {
    session
        .proved
        .is_within_at_any_server(HOLDS, app.clock.now())
}

/// What whoever is signed in is asked for.
pub async fn asked(app: &App, of: &Session) -> Result<Asked> {
    let (reader, id) = (app.store.reader(), &of.administrator_id);
    Ok(if passkey::count(app, id).await? > 0 {
        Asked::PasskeyOrCode
    } else if store::is_on(reader, id).await? {
        Asked::Code
    } else {
        Asked::Password
    })
}

/// Asks the browser of whoever is signed in for one of their passkeys.
///
/// # Errors
/// [`Error::Conflict`] where browsers have no passkeys.
pub async fn ask_for_passkey(app: &App, of: &Session) -> Result<ToShow> {
    options::to_show(app, &of.token_hash, Some(&of.administrator_id)).await
}

/// What whoever is signed in shows.
#[derive(Clone, Debug)]
pub enum Proof {
    /// What they typed: the password or a code, by what was asked for.
    Typed(String),
    /// What their browser answered when it was asked for a passkey.
    Passkey(String),
}

/// Takes what was asked for. Attempts count as those at signing in do.
///
/// # Errors
/// [`SignInError::Refused`] if it is wrong; [`Error::RateLimited`] inside [`SignInError::Service`].
pub async fn show(
    app: &App,
    of: &Session,
    shown: Proof,
    visit: &Visit,
    actor: &Actor,
) -> std::result::Result<(), SignInError> {
    let account = account::own(app.store.reader(), &of.administrator_id).await?;
    let factor = match (asked(app, of).await?, shown) {
        (Asked::Password, Proof::Typed(password)) => {
            sign_in::check_password(app, &account, Password::from(password), visit).await?;
            note(app, of).await?;
            return Ok(());
        }
        (Asked::Password, Proof::Passkey(_)) => return Err(SignInError::Refused),
        (_, Proof::Typed(code)) => Factor::Code(Code::from(code)),
        (_, Proof::Passkey(answer)) => Factor::Passkey(answer),
    };
    sign_in::wait_for_factor(app, &account, &factor, visit).await?;
    match show_factor(app, of, &account, &factor, actor).await? {
        Worth::Good => Ok(()),
        Worth::Nothing => Err(SignInError::Refused),
        Worth::Copied(_) => Err(SignInError::Copied),
    }
}

async fn note(app: &App, of: &Session) -> Result<()> {
    let now = app.clock.now();
    let hash = of.token_hash.clone();
    app.store
        .write(move |tx| Box::pin(async move { Ok(session::set_proved(tx, &hash, now).await?) }))
        .await
}

async fn show_factor(
    app: &App,
    of: &Session,
    account: &Administrator,
    factor: &Factor,
    actor: &Actor,
) -> Result<Worth> {
    let now = app.clock.now();
    let fit = second_factor::fit(app, &account.id, &of.token_hash, factor).await?;
    let (id, hash, actor) = (account.id.clone(), of.token_hash.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let worth = match fit {
                    Some(fit) => fit.use_up(tx, &id, &actor, now).await?,
                    None => Worth::Nothing,
                };
                let refused = match &worth {
                    Worth::Good => {
                        session::set_proved(tx, &hash, now).await?;
                        return Ok(worth);
                    }
                    Worth::Nothing => Event::SecondFactorRefused(Nothing {}),
                    Worth::Copied(named) => Event::PasskeyCopied(named.clone()),
                };
                tx.record(NewEvent::new(now, &actor, &id, refused));
                Ok(worth)
            })
        })
        .await
}
