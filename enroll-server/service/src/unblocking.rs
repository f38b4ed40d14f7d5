//! A new PIN for whoever has forgotten theirs: an officer allows it and tells the holder a code; the phone sends the code and gets
//! its unblocking key. The officer learns no PIN, and the server neither a PIN nor a key of the card.
//!
//! The unblocking key is made of this installation's outbox key and of a seed of the enrollment; the phone got it when it enrolled,
//! wrapped with it what decrypts its keys, and forgot it. So whoever has the phone alone opens nothing, nor does whoever
//! has the server's secrets alone.

use std::net::IpAddr;
use std::time::Duration;

use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::event_detail::Nothing;
use enroll_server_model::{Actor, Event, HolderState, NewEvent, PhoneState, Timestamp, random};
use enroll_server_store::Transaction;
use enroll_server_store::check_in::{self, CheckingIn};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::unblocking::{self as rows, Unblocking};
use enrollment_protocol::check_in::Signed;
use enrollment_protocol::unblocking::{PATH, UnblockingKey, UnblockingRequest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::app::App;
use crate::check_in::proof;
use crate::error::{Error, Result};
use crate::outbox::key::key;
use crate::refusal::{Conflict, Object};

/// How long a code is good.
pub const LASTS: Duration = Duration::from_secs(60 * 60);
/// How long it is good after it was used: the answer may be lost, and is asked for again.
const LASTS_USED: Duration = Duration::from_secs(5 * 60);
/// How many wrong codes end it.
pub const MOST_WRONG: i64 = 5;

/// A code that is to be told to the holder.
pub struct Open {
    /// Its eight digits.
    pub code: Zeroizing<String>,
    /// The name of who allowed it.
    pub allowed_by: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a phone gets for its code.
pub struct Unblocked {
    /// The challenge for its next message.
    pub challenge: String,
    /// Its unblocking key.
    pub key: UnblockingKey,
}

/// The unblocking key that a phone got when it enrolled with this check-in key; none if it checks in by another, or by none.
pub(crate) async fn key_of(
    app: &App,
    phone_id: &str,
    check_in_key: Option<&PublicKey>,
) -> Result<Option<UnblockingKey>> {
    let found = check_in::by_id(app.store.reader(), phone_id).await?;
    let found = found.filter(|phone| {
        phone.check_in_key.is_some()
            && phone.check_in_key.as_deref() == check_in_key.map(PublicKey::spki)
    });
    match found.and_then(|phone| phone.unblocking_seed) {
        Some(seed) => Ok(Some(UnblockingKey::new(
            key(app).await?.of_unblocking(phone_id, &seed),
        ))),
        None => Ok(None),
    }
}

/// Allows a phone's holder a new PIN, by a new code; one of before ends.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the phone or its holder is not active, or the phone has no unblocking key.
pub async fn allow(app: &App, phone_id: &str, actor: &Actor) -> Result<Open> {
    let now = app.clock.now();
    let row = Unblocking {
        seed: random::id()?,
        allowed: now,
        allowed_by: actor.name.clone(),
        expires: now.plus(LASTS),
        wrong: 0,
        used: None,
    };
    let open = open(app, phone_id, &row).await?;
    let (id, actor) = (phone_id.to_owned(), actor.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                check_locked(tx, &id).await?;
                rows::put(tx, &id, &row).await?;
                let event = Event::PinUnblockingAllowed(Nothing {});
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(open)
}

/// Whether the holder of this phone can be allowed a new PIN.
///
/// # Errors
/// As [`allow`].
pub async fn check(app: &App, phone_id: &str) -> Result<()> {
    let on = app.store.reader();
    let found = check_in::by_id(on, phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    judge(&found, holder::by_id(on, &found.holder_id).await?.as_ref())
}

/// The same, and whoever suspends or revokes the phone, or lets its holder go, is before this or after it.
async fn check_locked(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    let found = check_in::by_id(tx.reader(), phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    let holder = holder::lock(tx, &found.holder_id).await?;
    let found = check_in::by_id(tx.reader(), phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    judge(&found, holder.as_ref())
}

/// The same of what was read.
pub(crate) fn judge(phone: &CheckingIn, holder: Option<&Holder>) -> Result<()> {
    Err(match (phone.state, holder.map(|holder| holder.state)) {
        (PhoneState::Revoked, _) => Conflict::PhoneRevoked,
        (PhoneState::Suspended, _) => Conflict::PhoneSuspended,
        (_, Some(HolderState::Suspended)) => Conflict::HolderSuspended,
        (PhoneState::Active, Some(HolderState::Active)) if phone.unblocking_seed.is_some() => {
            return Ok(());
        }
        (PhoneState::Active, Some(HolderState::Active)) => Conflict::NoUnblockingKey,
        (PhoneState::Active, _) => Conflict::HolderGone,
    }
    .into())
}

/// Takes back what was allowed. Returns whether something was.
///
/// # Errors
/// If the database fails.
pub async fn withdraw(app: &App, phone_id: &str, actor: &Actor) -> Result<bool> {
    let now = app.clock.now();
    let (id, actor) = (phone_id.to_owned(), actor.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let row = rows::of_phone(tx.reader(), &id).await?;
                if !row.is_some_and(|row| is_open(&row, now)) {
                    return Ok(false);
                }
                let is_first = rows::delete(tx, &id).await?;
                if is_first {
                    let event = Event::PinUnblockingWithdrawn(Nothing {});
                    tx.record(NewEvent::new(now, &actor, &id, event));
                }
                Ok(is_first)
            })
        })
        .await
}

/// The code that is to be told to a phone's holder, if a new PIN is allowed now and was not taken.
///
/// # Errors
/// If the database fails.
pub async fn of_phone(app: &App, phone_id: &str) -> Result<Option<Open>> {
    let row = rows::of_phone(app.store.reader(), phone_id).await?;
    let now = app.clock.now();
    match row.filter(|row| is_open(row, now) && row.used.is_none()) {
        Some(row) => Ok(Some(open(app, phone_id, &row).await?)),
        None => Ok(None),
    }
}

/// Whether a code is good at a time.
fn is_open(row: &Unblocking, now: Timestamp) -> bool {
    row.expires.still_holds(LASTS, now) && row.wrong < MOST_WRONG
}

async fn open(app: &App, phone_id: &str, row: &Unblocking) -> Result<Open> {
    Ok(Open {
        code: key(app).await?.of_unblocking_code(phone_id, &row.seed),
        allowed_by: row.allowed_by.clone(),
        expires: row.expires,
    })
}

/// What came of a code.
enum Outcome {
    Right { challenge: String, seed: String },
    Wrong,
}

/// Takes a phone's code, and gives it its unblocking key. The same code again has the same outcome for a few
/// minutes more.
///
/// # Errors
/// [`Error::UnblockingRefused`] if nothing is allowed now, or the code is another; as [a check-in](crate::check_in::check_in)
/// besides.
pub async fn unblock(app: &App, signed: Signed, client: IpAddr) -> Result<Unblocked> {
    let proved = proof::read::<UnblockingRequest>(app, signed, PATH, client).await?;
    let outbox_key = key(app).await?;
    let (of_code, phone_id) = (outbox_key.clone(), proved.phone.clone());
    let now = app.clock.now();
    let source = client.to_canonical().to_string();
    let outcome = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let holder = holder::lock(tx, &proved.holder).await?;
                let said = &proved.message;
                let challenge = proof::use_challenge(tx, &proved, &said.challenge, now).await?;
                let id = &proved.phone;
                let phone = check_in::by_id(tx.reader(), id).await?;
                let is_active = holder.is_some_and(|holder| holder.state == HolderState::Active);
                let seed = phone
                    .filter(|phone| is_active && phone.state == PhoneState::Active)
                    .and_then(|phone| phone.unblocking_seed);
                let row = rows::of_phone(tx.reader(), id).await?;
                let (Some(seed), Some(row)) = (seed, row.filter(|row| is_open(row, now))) else {
                    return Ok(Outcome::Wrong);
                };
                let code = of_code.of_unblocking_code(id, &row.seed);
                let is_right = code.as_bytes().ct_eq(said.code.digits().as_bytes());
                let name = proof::name(tx, id).await?;
                let actor = Actor::phone(id, &name, &source);
                if !bool::from(is_right) {
                    rows::count_wrong(tx, id).await?;
                    if row.wrong + 1 == MOST_WRONG {
                        let event = Event::PinUnblockingFailed(Nothing {});
                        tx.record(NewEvent::new(now, &actor, id, event));
                    }
                    return Ok(Outcome::Wrong);
                }
                let expires = row.expires.min(now.plus(LASTS_USED));
                rows::note_use(tx, id, now, expires).await?;
                let event = Event::PinUnblocked(Nothing {});
                tx.record(NewEvent::new(now, &actor, id, event));
                Ok::<_, Error>(Outcome::Right { challenge, seed })
            })
        })
        .await?;
    match outcome {
        Outcome::Right { challenge, seed } => Ok(Unblocked {
            challenge,
            key: UnblockingKey::new(outbox_key.of_unblocking(&phone_id, &seed)),
        }),
        Outcome::Wrong => Err(Error::UnblockingRefused),
    }
}
