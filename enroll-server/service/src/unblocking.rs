//! A new PIN for whoever has forgotten theirs: an officer allows it and tells the holder a code; the phone sends the code and gets
//! its unblocking key. The officer learns no PIN, and the server neither a PIN nor a key of the card.
//!
//! The unblocking key is made of this installation's outbox key and of the key that the phone checks in with; the phone got it when it
//! enrolled, wrapped with it what decrypts its keys, and forgot it. So whoever has the phone alone opens nothing, nor does whoever
//! has the server's secrets alone.

use std::net::IpAddr;
use std::time::Duration;

use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::event_detail::Nothing;
use enroll_server_model::{Actor, Event, HolderState, NewEvent, PhoneState, Timestamp, random};
use enroll_server_store::unblocking::{self as rows, Unblocking};
use enroll_server_store::{Transaction, check_in, holder, phone};
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

/// The unblocking key of the phone that checks in with this key.
pub(crate) async fn key_of(app: &App, check_in_key: &PublicKey) -> Result<UnblockingKey> {
    let outbox_key = key(app).await?;
    Ok(UnblockingKey::new(
        outbox_key.of_unblocking(&check_in_key.id()),
    ))
}

/// Allows a phone's holder a new PIN, by a new code; one of before ends.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the phone or its holder is not active, or the phone does not check in.
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
                check_active(tx, &id).await?;
                rows::put(tx, &id, &row).await?;
                let event = Event::PinUnblockingAllowed(Nothing {});
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok(open)
}

/// Whoever suspends or revokes a phone, or lets its holder go, is before this or after it.
async fn check_active(tx: &mut Transaction, phone_id: &str) -> Result<()> {
    let found = phone::by_id(tx.reader(), phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    let holder = holder::lock(tx, &found.holder_id).await?;
    match holder.map(|holder| holder.state) {
        Some(HolderState::Active) => {}
        Some(HolderState::Suspended) => return Err(Conflict::HolderSuspended.into()),
        _ => return Err(Conflict::HolderGone.into()),
    }
    let found = check_in::by_id(tx.reader(), phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    match found.state {
        PhoneState::Active if found.check_in_key.is_none() => {
            Err(Conflict::PhoneChecksInNowhere.into())
        }
        PhoneState::Active => Ok(()),
        PhoneState::Suspended => Err(Conflict::PhoneSuspended.into()),
        PhoneState::Revoked => Err(Conflict::PhoneRevoked.into()),
    }
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
    Right { challenge: String },
    Wrong,
}

/// Takes a phone's code, and gives it its unblocking key. The same code again has the same outcome, until it ends.
///
/// # Errors
/// [`Error::UnblockingRefused`] if nothing is allowed now, or the code is another; as [a check-in](crate::check_in::check_in)
/// besides.
pub async fn unblock(app: &App, signed: Signed, client: IpAddr) -> Result<Unblocked> {
    let proved = proof::read::<UnblockingRequest>(app, signed, PATH, client).await?;
    let signer = PublicKey::from_der(&proved.key).map_err(|_| Error::CheckInRefused)?;
    let unblocking_key = key_of(app, &signer).await?;
    let outbox_key = key(app).await?;
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
                let is_active = phone.is_some_and(|phone| phone.state == PhoneState::Active)
                    && holder.is_some_and(|holder| holder.state == HolderState::Active);
                let row = rows::of_phone(tx.reader(), id).await?;
                let Some(row) = row.filter(|row| is_active && is_open(row, now)) else {
                    return Ok(Outcome::Wrong);
                };
                let code = outbox_key.of_unblocking_code(id, &row.seed);
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
                if row.used.is_none() {
                    rows::note_use(tx, id, now).await?;
                    let event = Event::PinUnblocked(Nothing {});
                    tx.record(NewEvent::new(now, &actor, id, event));
                }
                Ok::<_, Error>(Outcome::Right { challenge })
            })
        })
        .await?;
    match outcome {
        Outcome::Right { challenge } => Ok(Unblocked {
            challenge,
            key: unblocking_key,
        }),
        Outcome::Wrong => Err(Error::UnblockingRefused),
    }
}
