//! Showing again who one is, before an act that somebody else at the same browser must not do: with the second factor of the
//! account, or with its password where it has none.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::Administrator;
use enroll_server_store::session::{self, Session};

use crate::account;
use crate::app::App;
use crate::error::{Error, Result};
use crate::password::Password;
use crate::second_factor::{self, Code};
use crate::session::Visit;
use crate::sign_in::{self, SignInError};

/// For how long it holds.
pub const HOLDS: Duration = Duration::from_secs(15 * 60);

/// What somebody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The password.
    Password,
    /// A code of the authenticator app, or a recovery code.
    Code,
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
    let has_factor = second_factor::is_on(app.store.reader(), &of.administrator_id).await?;
    Ok(if has_factor {
        Asked::Code
    } else {
        Asked::Password
    })
}

/// Takes what was asked for. Attempts count as those at signing in do.
///
/// # Errors
/// [`SignInError::Refused`] if it is wrong; [`Error::RateLimited`] inside [`SignInError::Service`].
pub async fn show(
    app: &App,
    of: &Session,
    shown: String,
    visit: &Visit,
    actor: &Actor,
) -> std::result::Result<(), SignInError> {
    let account = account::own(app.store.reader(), &of.administrator_id).await?;
    match asked(app, of).await? {
        Asked::Password => {
            sign_in::check_password(app, &account, Password::from(shown), visit).await?;
            note(app, of).await?;
            Ok(())
        }
        Asked::Code => {
            let code = Code::from(shown);
            sign_in::wait_for_code(app, &account, &code, visit).await?;
            if show_code(app, of, &account, code, actor).await? {
                Ok(())
            } else {
                Err(SignInError::Refused)
            }
        }
    }
}

async fn note(app: &App, of: &Session) -> Result<()> {
    let now = app.clock.now();
    let hash = of.token_hash.clone();
    app.store
        .write(move |tx| Box::pin(async move { Ok(session::set_proved(tx, &hash, now).await?) }))
        .await
}

async fn show_code(
    app: &App,
    of: &Session,
    account: &Administrator,
    code: Code,
    actor: &Actor,
) -> Result<bool> {
    let now = app.clock.now();
    let fit = second_factor::fit(app, &account.id, &code).await?;
    let (id, hash, actor) = (account.id.clone(), of.token_hash.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let is_right = match fit {
                    Some(fit) => fit.use_up(tx, &id, &actor, now).await?,
                    None => false,
                };
                if is_right {
                    session::set_proved(tx, &hash, now).await?;
                } else {
                    let refused = Event::SecondFactorRefused(Nothing {});
                    tx.record(NewEvent::new(now, &actor, &id, refused));
                }
                Ok(is_right)
            })
        })
        .await
}
