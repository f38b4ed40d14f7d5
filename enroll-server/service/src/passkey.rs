//! The passkeys of one's own account: adding one, naming it, removing it.

use data_encoding::BASE64URL_NOPAD;

use enroll_server_model::event_detail::{NamedPasskey, RenamedPasskey};
use enroll_server_model::random;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::Reader;
use enroll_server_store::passkey as store;
use enroll_server_store::session::{Session, SignedIn};

use crate::account;
use crate::app::App;
use crate::authenticator;
use crate::blocking::apart;
use crate::error::{Error, Result};
use crate::person::person_name;
use crate::refusal::{Conflict, Object};
use crate::webauthn::answer;
use crate::webauthn::{challenge, options};

pub use crate::webauthn::options::{ToAdd, ToShow};
pub use enroll_server_store::passkey::Passkey;

/// Most passkeys of one account.
const MOST: usize = 20;

/// What became of a passkey that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is the account's first second factor: there are recovery codes now.
    First,
    /// It is one more.
    Another,
    /// The browser's answer was not to what it was asked, or it took too long.
    Refused,
}

/// How many passkeys open an account: those that browsers can show here.
pub async fn count(app: &App, administrator_id: &str) -> Result<usize> {
    let passkeys = store::of(app.store.reader(), administrator_id).await?;
    Ok(if crate::webauthn::is_possible(app) {
        passkeys.len()
    } else {
        0
    })
}

/// An account that has as many passkeys as it can gets no other one.
async fn check_room<'e>(on: impl Reader<'e>, administrator_id: &str) -> Result<()> {
    if store::of(on, administrator_id).await?.len() >= MOST {
        return Err(Conflict::TooManyPasskeys { most: MOST }.into());
    }
    Ok(())
}

/// Asks the browser of whoever is signed in for a new passkey. What would keep it from being added is said before a device makes
/// one, which would keep it for nothing.
///
/// # Errors
/// [`Error::Conflict`] if there are too many, or browsers have no passkeys here.
pub async fn to_add(app: &App, by: &SignedIn) -> Result<ToAdd> {
    check_room(app.store.reader(), &by.session.administrator_id).await?;
    options::to_add(app, by).await
}

/// A passkey of one's own.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(app: &App, of: &Session, id: &str) -> Result<Passkey> {
    let all = store::of(app.store.reader(), &of.administrator_id).await?;
    found(all, id)
}

fn found(all: Vec<Passkey>, id: &str) -> Result<Passkey> {
    let mut all = all.into_iter();
    all.find(|one| one.id == id)
        .ok_or(Error::NotFound(Object::Passkey))
}

/// Adds the passkey that a browser made when it was asked for one. Where it is the first second factor there are recovery codes
/// from then on, and what was signed in by the password alone ends.
///
/// # Errors
/// [`Error::InvalidField`] for a name that cannot be; [`Error::Conflict`] if it was added before, or there are too many.
pub async fn add(
    app: &App,
    of: &Session,
    name: &str,
    answer: &str,
    actor: &Actor,
) -> Result<Added> {
    let name = person_name(name)?;
    check_room(app.store.reader(), &of.administrator_id).await?;
    let Some(asked) = challenge::take(app, &of.token_hash).await? else {
        return Ok(Added::Refused);
    };
    let answer = answer.to_owned();
    // A key of RSA takes some milliseconds to check.
    let made = apart(move || answer::made(&answer, &asked)).await?;
    let made = match made {
        Ok(made) => made,
        Err(flaw) => {
            tracing::info!(%flaw, "a passkey is not added");
            return Ok(Added::Refused);
        }
    };
    let now = app.clock.now();
    let row = Passkey {
        id: random::id()?,
        administrator_id: of.administrator_id.clone(),
        credential_id: made.id,
        public_key: BASE64URL_NOPAD.encode(made.key.spki()),
        sign_count: made.sign_count.into(),
        name,
        added: now,
        last_used: None,
    };
    let codes = authenticator::new_codes(&of.administrator_id, now)?;
    let (keep, actor) = (of.token_hash.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let id = row.administrator_id.clone();
                account::own(tx.reader(), &id).await?;
                check_room(tx.reader(), &id).await?;
                let is_first = authenticator::prepare_first(tx, &codes, &keep).await?;
                match store::insert(tx, &row).await {
                    Err(error) if error.is_unique_violation() => {
                        return Err(Conflict::PasskeyKnown.into());
                    }
                    other => other?,
                }
                let added = Event::PasskeyAdded(NamedPasskey { passkey: row.name });
                tx.record(NewEvent::new(now, &actor, &id, added));
                Ok(if is_first {
                    Added::First
                } else {
                    Added::Another
                })
            })
        })
        .await
}

/// Gives a passkey of one's own another name. Returns whether it had another one.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`].
pub async fn rename(app: &App, of: &Session, id: &str, name: &str, actor: &Actor) -> Result<bool> {
    let name = person_name(name)?;
    let now = app.clock.now();
    let (owner, id, actor) = (of.administrator_id.clone(), id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let before = found(store::of(tx.reader(), &owner).await?, &id)?.name;
                if before == name {
                    return Ok(false);
                }
                store::rename(tx, &owner, &id, &name).await?;
                let renamed = Event::PasskeyRenamed(RenamedPasskey {
                    before,
                    after: name,
                });
                tx.record(NewEvent::new(now, &actor, &owner, renamed));
                Ok(true)
            })
        })
        .await
}

/// Removes a passkey of one's own; with the last second factor the recovery codes too. Whoever found or stole it may be signed in
/// with it: the account's other sessions end, and no browser is known as its owner's any more.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, of: &Session, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (owner, id, actor) = (of.administrator_id.clone(), id.to_owned(), actor.clone());
    let keep = of.token_hash.clone();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let passkey = found(store::of(tx.reader(), &owner).await?, &id)?.name;
                store::delete(tx, &owner, &id).await?;
                authenticator::clear_after_last(tx, &owner).await?;
                account::sign_out_others(tx, &owner, &keep).await?;
                let removed = Event::PasskeyRemoved(NamedPasskey { passkey });
                tx.record(NewEvent::new(now, &actor, &owner, removed));
                Ok(())
            })
        })
        .await
}
