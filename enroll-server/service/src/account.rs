//! One's own account: name, language, password, and the sessions that are open. And what other rules do with an account.

use enroll_server_model::event_detail::{Account, EndedSessions, RenamedAccount};
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::session::{self, Session};
use enroll_server_store::{
    Reader, StoreError, Transaction, known_browser, password_link, pending_sign_in, rate_limit,
};

use crate::app::App;
use crate::error::{Error, Result};
use crate::password::Password;
use crate::person;
use crate::refusal::Object;
use crate::session::{self as sessions, Visit};
use crate::sign_in::{self, SignInError};

/// An account as events name it.
pub(crate) fn named(whose: &Administrator) -> Account {
    Account {
        name: whose.name.clone(),
        email: whose.email.clone(),
    }
}

/// Ends the sessions of an account, those too that wait for a second factor, and knows no browser as its owner's any more.
/// Returns how many sessions ended.
pub(crate) async fn sign_out(tx: &mut Transaction, id: &str) -> Result<u64, StoreError> {
    let ended = session::delete_of(tx, id).await?;
    known_browser::delete_of(tx, id).await?;
    pending_sign_in::delete_of(tx, id).await?;
    Ok(ended)
}

/// Ends all sessions of an account but the one to keep, and those that wait for a second factor, and knows no browser as its
/// owner's any more. Returns how many sessions ended.
pub(crate) async fn sign_out_others(
    tx: &mut Transaction,
    id: &str,
    keep: &str,
) -> Result<u64, StoreError> {
    known_browser::delete_of(tx, id).await?;
    pending_sign_in::delete_of(tx, id).await?;
    session::delete_others(tx, id, keep).await
}

/// Lets the owner of an account sign in at once, whatever was tried before.
pub(crate) async fn empty_limits(
    tx: &mut Transaction,
    of: &Administrator,
) -> Result<(), StoreError> {
    for bucket in [
        sign_in::account_bucket(&of.email),
        sign_in::browsers_bucket(&of.id),
        sign_in::codes_bucket(&of.id),
        sign_in::NETWORKS.to_owned(),
    ] {
        rate_limit::empty(tx, &bucket).await?;
    }
    Ok(())
}

/// The open sessions of whoever is signed in, the last one used first.
pub async fn open_sessions(app: &App, of: &Session) -> Result<Vec<Session>> {
    let now = app.clock.now();
    let latest = now.latest_end(sessions::LONGEST);
    let found = session::of(app.store.reader(), &of.administrator_id, now, latest).await?;
    let open = found.into_iter().filter(|one| !sessions::is_over(one, now));
    Ok(open.collect())
}

/// Changes one's own name. Returns whether it is another.
///
/// # Errors
/// [`Error::InvalidField`].
pub async fn rename(app: &App, of: &Session, name: &str, actor: &Actor) -> Result<bool> {
    let name = person::person_name(name)?;
    let now = app.clock.now();
    let (id, actor) = (of.administrator_id.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let before = own(tx.reader(), &id).await?.name;
                if before == name {
                    return Ok(false);
                }
                administrator::set_name(tx, &id, &name).await?;
                let renamed = RenamedAccount {
                    before,
                    after: name,
                };
                let renamed = Event::OwnNameChanged(renamed);
                tx.record(NewEvent::new(now, &actor, &id, renamed));
                Ok(true)
            })
        })
        .await
}

/// Chooses the language of one's own pages, by its tag; without one the browser says it. Nobody else sees anything of it, so it
/// is not on record.
pub async fn set_language(app: &App, of: &Session, language: Option<&str>) -> Result<()> {
    let (id, language) = (of.administrator_id.clone(), language.map(str::to_owned));
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if administrator::set_language(tx, &id, language.as_deref()).await? {
                    Ok(())
                } else {
                    Err(Error::NotFound(Object::Colleague))
                }
            })
        })
        .await
}

/// Changes one's own password. All other sessions end, and no browser is known any more; links that could set another one no
/// longer work. Each attempt counts against the limits of signing in.
///
/// # Errors
/// [`SignInError::Refused`] if the present password is another; [`Error::RateLimited`] inside [`SignInError::Service`].
pub async fn change_password(
    app: &App,
    of: &Session,
    present: Password,
    new: Password,
    visit: &Visit,
    actor: &Actor,
) -> Result<u64, SignInError> {
    let account = own(app.store.reader(), &of.administrator_id).await?;
    sign_in::check_password(app, &account, present, visit).await?;
    let hash = new.hash().await?;
    let now = app.clock.now();
    let (actor, keep) = (actor.clone(), of.token_hash.clone());
    let ended = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if !administrator::lock(tx, &account.id, &account.password_hash).await? {
                    return Ok(None);
                }
                administrator::set_password(tx, &account.id, &hash).await?;
                password_link::replace(tx, &account.id).await?;
                let sessions = sign_out_others(tx, &account.id, &keep).await?;
                let changed = Event::OwnPasswordChanged(EndedSessions { sessions });
                tx.record(NewEvent::new(now, &actor, &account.id, changed));
                Ok(Some(sessions))
            })
        })
        .await?;
    ended.ok_or(SignInError::Refused)
}

/// Ends one's other sessions. Returns how many there were.
pub async fn sign_out_elsewhere(app: &App, of: &Session, actor: &Actor) -> Result<u64> {
    let now = app.clock.now();
    let (id, keep, actor) = (
        of.administrator_id.clone(),
        of.token_hash.clone(),
        actor.clone(),
    );
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let sessions = session::delete_others(tx, &id, &keep).await?;
                let ended = Event::OtherSessionsEnded(EndedSessions { sessions });
                tx.record(NewEvent::new(now, &actor, &id, ended));
                Ok(sessions)
            })
        })
        .await
}

/// The account of whoever is signed in.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn own<'e>(on: impl Reader<'e>, id: &str) -> Result<Administrator> {
    let found = administrator::by_id(on, id).await?;
    found.ok_or(Error::NotFound(Object::Colleague))
}
