//! The second factor of one's own account: adding an authenticator app, the recovery codes, and removing it.

use zeroize::Zeroizing;

use enroll_server_model::random;
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::passkey::{self, Passkey};
use enroll_server_store::second_factor::{self as store, Authenticator, RecoveryCodes};
use enroll_server_store::session::{Session, SignedIn};
use enroll_server_store::{Transaction, pending_sign_in};

use crate::account;
use crate::app::App;
use crate::error::{Error, Result};
use crate::outbox::key::key;
use crate::refusal::{Conflict, Object};
use crate::second_factor::{self, Code, Names};

/// An authenticator app that is to be added: what its owner brings it.
pub struct Offered {
    /// What the secret is made of, to give back with the first code.
    pub secret_id: String,
    /// The secret in base32, in groups.
    pub secret: Zeroizing<String>,
    /// The same as a link that apps scan (`otpauth://totp/...`).
    pub link: Zeroizing<String>,
}

impl std::fmt::Debug for Offered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offered(..)")
    }
}

/// The second factor of an account, as its page shows it.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// When the authenticator app was added, if there is one.
    pub authenticator: Option<Timestamp>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub codes_left: u64,
}

/// The second factor of an account, if it has one.
pub async fn of(app: &App, administrator_id: &str) -> Result<Option<SecondFactor>> {
    let reader = app.store.reader();
    let authenticator = store::authenticator(reader, administrator_id).await?;
    let passkeys = passkey::of(reader, administrator_id).await?;
    if authenticator.is_none() && passkeys.is_empty() {
        return Ok(None);
    }
    let codes = store::recovery_codes(reader, administrator_id).await?;
    Ok(Some(SecondFactor {
        authenticator: authenticator.map(|authenticator| authenticator.added),
        passkeys,
        codes_left: codes.map_or(0, |codes| second_factor::left(codes.used)),
    }))
}

/// Offers an authenticator app: a new one, or the one that was offered before with this id. Nothing is stored.
///
/// # Errors
/// [`Error::Conflict`] if the account has one; [`Error::Internal`] if there is no randomness.
pub async fn offer(app: &App, to: &SignedIn, secret_id: Option<&str>) -> Result<Offered> {
    let id = &to.session.administrator_id;
    let found = store::authenticator(app.store.reader(), id).await?;
    if found.is_some() {
        return Err(Conflict::SecondFactorOn.into());
    }
    let secret_id = match secret_id {
        Some(known) => known.to_owned(),
        None => random::id()?,
    };
    let names = Names {
        account: &to.email,
        organisation: &app.organisation,
    };
    let offered = second_factor::totp(&*key(app).await?, id, &secret_id, names);
    let offered = offered.ok_or(Error::NotFound(Object::Colleague))?;
    Ok(Offered {
        secret_id,
        secret: second_factor::grouped(&Zeroizing::new(offered.secret().to_base32()), ' '),
        link: Zeroizing::new(
            offered
                .to_url()
                .map_err(|_| Error::NotFound(Object::Colleague))?,
        ),
    })
}

/// Adds the authenticator app that was offered, once it has shown a code. Where it is the first second factor there are recovery
/// codes from then on, and what was signed in by the password alone ends. Returns whether the code is right.
///
/// # Errors
/// [`Error::Conflict`] if the account has one.
pub async fn add(
    app: &App,
    of: &Session,
    secret_id: &str,
    code: &Code,
    actor: &Actor,
) -> Result<bool> {
    let now = app.clock.now();
    let id = of.administrator_id.clone();
    let Some(step) = second_factor::step(&*key(app).await?, &id, secret_id, code, now) else {
        return Ok(false);
    };
    let authenticator = Authenticator {
        administrator_id: id.clone(),
        secret_id: secret_id.to_owned(),
        added: now,
        last_step: step,
    };
    let codes = new_codes(&id, now)?;
    let (keep, actor) = (of.token_hash.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let owner = account::own(tx.reader(), &id).await?;
                prepare_first(tx, &codes, &keep).await?;
                match store::insert_authenticator(tx, &authenticator).await {
                    Err(error) if error.is_unique_violation() => {
                        return Err(Conflict::SecondFactorOn.into());
                    }
                    other => other?,
                }
                let added = Event::SecondFactorAdded(account::named(&owner));
                tx.record(NewEvent::new(now, &actor, &id, added));
                Ok(true)
            })
        })
        .await
}

/// Gives an account that has no second factor yet what goes with the first one: recovery codes. Its sessions but the one to
/// keep end, and no browser is known as its owner's any more. Returns whether it had none.
pub(crate) async fn prepare_first(
    tx: &mut Transaction,
    codes: &RecoveryCodes,
    keep: &str,
) -> Result<bool> {
    let id = &codes.administrator_id;
    if store::is_on(tx.reader(), id).await? {
        return Ok(false);
    }
    store::set_recovery_codes(tx, codes).await?;
    // Whoever is signed in by the password alone, and what they signed in with, came without it.
    account::sign_out_others(tx, id, keep).await?;
    Ok(true)
}

/// Takes what goes with a second factor away from an account that has none any more; sign-ins that wait for one end.
pub(crate) async fn clear_after_last(tx: &mut Transaction, id: &str) -> Result<()> {
    if !store::is_on(tx.reader(), id).await? {
        store::delete_recovery_codes(tx, id).await?;
    }
    pending_sign_in::delete_of(tx, id).await?;
    Ok(())
}

pub(crate) fn new_codes(administrator_id: &str, now: Timestamp) -> Result<RecoveryCodes> {
    Ok(RecoveryCodes {
        administrator_id: administrator_id.to_owned(),
        codes_id: random::id()?,
        made: now,
        used: 0,
    })
}

/// A recovery code as its owner sees it.
pub struct RecoveryCode {
    /// The code.
    pub code: Zeroizing<String>,
    /// Whether it was used.
    pub is_used: bool,
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// One's own recovery codes.
///
/// # Errors
/// [`Error::Conflict`] if the account has none.
pub async fn recovery_codes(app: &App, of: &Session) -> Result<Vec<RecoveryCode>> {
    let id = &of.administrator_id;
    let found = store::recovery_codes(app.store.reader(), id).await?;
    let found = found.ok_or(Conflict::SecondFactorOff)?;
    let key = key(app).await?;
    let codes = second_factor::recovery_codes(&key, id, &found.codes_id);
    Ok(codes
        .enumerate()
        .map(|(number, code)| RecoveryCode {
            code,
            is_used: found.used & (1_i64 << number) != 0,
        })
        .collect())
}

/// Makes new recovery codes; those of before no longer work.
///
/// # Errors
/// [`Error::Conflict`] if the account has no second factor.
pub async fn make_recovery_codes(app: &App, of: &Session, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let id = of.administrator_id.clone();
    let (codes, actor) = (new_codes(&id, now)?, actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let owner = account::own(tx.reader(), &id).await?;
                if !store::is_on(tx.reader(), &id).await? {
                    return Err(Conflict::SecondFactorOff.into());
                }
                store::set_recovery_codes(tx, &codes).await?;
                let made = Event::RecoveryCodesMade(account::named(&owner));
                tx.record(NewEvent::new(now, &actor, &id, made));
                Ok(())
            })
        })
        .await
}

/// Removes all second factors of an account: of a colleague who lost theirs.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if there is none.
pub(crate) async fn remove(
    tx: &mut Transaction,
    id: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let owner = account::own(tx.reader(), id).await?;
    if !store::delete_of(tx, id).await? {
        return Err(Conflict::SecondFactorOff.into());
    }
    // Whoever found or stole it may be signed in with it.
    account::sign_out(tx, id).await?;
    let removed = Event::SecondFactorRemoved(account::named(&owner));
    tx.record(NewEvent::new(now, actor, id, removed));
    Ok(())
}

/// Removes one's own authenticator app; with the last second factor the recovery codes too.
///
/// # Errors
/// [`Error::Conflict`] if there is none.
pub async fn remove_own(app: &App, of: &Session, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (of.administrator_id.clone(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let owner = account::own(tx.reader(), &id).await?;
                if !store::delete_authenticator(tx, &id).await? {
                    return Err(Conflict::SecondFactorOff.into());
                }
                clear_after_last(tx, &id).await?;
                let removed = Event::SecondFactorRemoved(account::named(&owner));
                tx.record(NewEvent::new(now, &actor, &id, removed));
                Ok(())
            })
        })
        .await
}
