//! Suspending phones and people, and resuming them. A phone is suspended as long as somebody has suspended it or its holder:
//! resuming the one does not lift the other.
//!
//! What is suspended is on hold: OCSP and the CRL report it as revoked (RFC 5280, certificateHold), sshd is given none of its
//! keys, and no invitation brings it back.

use enroll_server_model::event_detail::{
    HeldCertificate, Nothing, ResumedHolder, ResumedPhone, SuspendedHolder, SuspendedPhone,
};
use enroll_server_model::{
    Actor, CertificateState, Event, HolderState, NewEvent, ObjectKind, PhoneState,
    RevocationReason, Timestamp,
};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::revocation::{self, Revocation};
use enroll_server_store::suspension::{self, Suspension};
use enroll_server_store::{Transaction, certificate, issuer};

use crate::app::App;
use crate::error::{Error, Result};
use crate::outbox;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};
use crate::request_end::close_request_of;

/// Why something is suspended, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What whoever does it has to say.
    pub note: String,
    /// When it ends by itself; none where somebody ends it.
    pub until: Option<Timestamp>,
}

impl From<String> for Terms {
    fn from(note: String) -> Self {
        Self { note, until: None }
    }
}

impl Terms {
    /// What is said of an end that is not to come.
    #[must_use]
    pub fn not_to_come() -> Error {
        Error::InvalidField {
            field: Field::Until,
            flaw: FieldFlaw::NotToCome,
        }
    }

    fn check(self, now: Timestamp) -> Result<Self> {
        match self.until {
            Some(until) if until <= now => Err(Self::not_to_come()),
            _ => Ok(self),
        }
    }

    fn row(&self, now: Timestamp, actor: &Actor) -> Suspension {
        Suspension {
            since: now,
            suspended_by: actor.name.clone(),
            note: self.note.clone(),
            until: self.until,
        }
    }
}

/// Which suspensions are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Any.
    ByHand,
    /// One whose end has come.
    Due,
}

/// How many suspensions are ended together.
const DUE_AT_ONCE: i64 = 100;

/// Resumes what was suspended until a time that has come.
///
/// # Errors
/// If the database fails.
pub async fn resume_due(app: &App) -> Result<()> {
    // By a clock that is ahead, what is to be refused would be let in: both this machine's and the database's must have come there.
    let now = app.clock.now().min(outbox::now(app).await?);
    let mut failed = Ok(());
    for due in suspension::due(app.store.reader(), now, DUE_AT_ONCE).await? {
        let actor = Actor::system();
        let resumed = match due.object_kind {
            ObjectKind::Phone => phone_resumes(app, &due.object_id, Ended::Due, &actor)
                .await
                .map(drop),
            _ => holder_resumes(app, &due.object_id, Ended::Due, &actor)
                .await
                .map(drop),
        };
        match resumed {
            // Somebody was first.
            Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => {}
            // Those after it are resumed all the same.
            Err(error) => failed = Err(error),
        }
    }
    failed
}

async fn end(
    tx: &mut Transaction,
    kind: ObjectKind,
    id: &str,
    ended: Ended,
    now: Timestamp,
) -> Result<bool> {
    Ok(match ended {
        Ended::ByHand => suspension::delete(tx, kind, id).await?,
        Ended::Due => suspension::delete_due(tx, kind, id, now).await?,
    })
}

/// A phone that was resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// How many certificates are good again.
    pub certificates: usize,
    /// The name of its holder, if they are suspended themselves, so that the phone stays so.
    pub still_suspended: Option<String>,
}

/// Suspends a phone: its certificates that are issued are on hold from now on. Returns how many those are.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`] if it is to end at a time that has gone; [`Error::Conflict`] if it is revoked,
/// or suspended by itself already.
pub async fn suspend_phone(
    app: &App,
    id: &str,
    terms: impl Into<Terms>,
    actor: &Actor,
) -> Result<usize> {
    let now = app.clock.now();
    let terms = terms.into().check(now)?;
    let (id, actor) = (id.to_owned(), actor.clone());
    let suspended = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (phone, _) = locked(tx, &id).await?;
                if phone.state == PhoneState::Revoked {
                    return Err(Conflict::PhoneRevoked.into());
                }
                let suspended = suspend(tx, &id, terms, now, &actor).await?;
                suspended.ok_or_else(|| Error::from(Conflict::PhoneSuspended))
            })
        })
        .await;
    app.crls.due.notify_one();
    suspended
}

/// Suspends a phone whose holder says that they have lost it. One that is suspended stays so, until somebody resumes it: it is
/// told all the same.
///
/// # Errors
/// [`Error::NotFound`] if it is not theirs; [`Error::Conflict`] if it is revoked.
pub async fn report_lost(app: &App, holder_id: &str, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (holder_id, id, actor) = (holder_id.to_owned(), id.to_owned(), actor.clone());
    let reported = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (phone, _) = locked(tx, &id).await?;
                if phone.holder_id != holder_id {
                    return Err(Error::NotFound(Object::Phone));
                }
                if phone.state == PhoneState::Revoked {
                    return Err(Conflict::PhoneRevoked.into());
                }
                let lost = Event::PhoneReportedLost(Nothing {});
                tx.record(NewEvent::new(now, &actor, &id, lost));
                let suspended = suspend(tx, &id, Terms::default(), now, &actor).await?;
                if suspended.is_none() {
                    suspension::without_end(tx, ObjectKind::Phone, &id).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await;
    app.crls.due.notify_one();
    reported
}

/// Suspends a phone that is not revoked, unless it is suspended by itself. Returns how many certificates are on hold with it;
/// none if it was suspended.
async fn suspend(
    tx: &mut Transaction,
    id: &str,
    terms: Terms,
    now: Timestamp,
    actor: &Actor,
) -> Result<Option<usize>> {
    let row = terms.row(now, actor);
    if !suspension::insert(tx, ObjectKind::Phone, id, &row).await? {
        return Ok(None);
    }
    let certificates = hold(tx, id, now, actor).await?;
    tx.record(phone_suspended(id, certificates, terms, now, actor));
    Ok(Some(certificates))
}

/// Resumes a phone. It works again unless its holder is suspended.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if nobody has suspended it by itself.
pub async fn resume_phone(app: &App, id: &str, actor: &Actor) -> Result<Resumed> {
    phone_resumes(app, id, Ended::ByHand, actor).await
}

async fn phone_resumes(app: &App, id: &str, ended: Ended, actor: &Actor) -> Result<Resumed> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    let resumed = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (phone, holder) = locked(tx, &id).await?;
                if !end(tx, ObjectKind::Phone, &id, ended, now).await? {
                    return Err(Conflict::PhoneNotSuspended.into());
                }
                let is_held = holder.state == HolderState::Suspended;
                let certificates = if is_held {
                    0
                } else {
                    release(tx, &phone.id, now, &actor).await?
                };
                tx.record(phone_resumed(&id, certificates, now, &actor));
                Ok::<_, Error>(Resumed {
                    certificates,
                    still_suspended: is_held.then_some(holder.name),
                })
            })
        })
        .await;
    app.crls.due.notify_one();
    resumed
}

/// Suspends a holder: all of their phones, and their invitations do not work meanwhile. Returns how many phones were active.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InvalidField`] if it is to end at a time that has gone; [`Error::Conflict`] if they are
/// suspended or gone.
pub async fn suspend_holder(
    app: &App,
    id: &str,
    terms: impl Into<Terms>,
    actor: &Actor,
) -> Result<usize> {
    let now = app.clock.now();
    let terms = terms.into().check(now)?;
    let (id, actor) = (id.to_owned(), actor.clone());
    let suspended = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                match holder_locked(tx, &id).await?.state {
                    HolderState::Active => {}
                    HolderState::Suspended => return Err(Conflict::HolderSuspended.into()),
                    HolderState::Gone => return Err(Conflict::HolderGone.into()),
                }
                let row = terms.row(now, &actor);
                suspension::insert(tx, ObjectKind::Holder, &id, &row).await?;
                holder::set_state(tx, &id, HolderState::Suspended).await?;
                close_request_of(tx, &id, now, &actor).await?;
                let mut phones = Vec::new();
                for phone in phones_by_id(tx, &id).await? {
                    if phone.state == PhoneState::Active {
                        let held = hold(tx, &phone.id, now, &actor).await?;
                        let terms = terms.clone();
                        tx.record(phone_suspended(&phone.id, held, terms, now, &actor));
                        phones.push(phone.id);
                    }
                }
                let count = phones.len();
                let until = rfc3339(terms.until);
                let note = terms.note;
                let event = Event::HolderSuspended(SuspendedHolder {
                    phones,
                    note,
                    until,
                });
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok::<_, Error>(count)
            })
        })
        .await;
    app.crls.due.notify_one();
    suspended
}

/// Resumes a holder who is suspended, with the phones that nobody has suspended by themselves. Returns how many phones work
/// again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if they are active, or were let go since.
pub async fn resume_holder(app: &App, id: &str, actor: &Actor) -> Result<usize> {
    holder_resumes(app, id, Ended::ByHand, actor).await
}

async fn holder_resumes(app: &App, id: &str, ended: Ended, actor: &Actor) -> Result<usize> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    let resumed = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                match holder_locked(tx, &id).await?.state {
                    HolderState::Suspended => {}
                    HolderState::Active => return Err(Conflict::HolderActive.into()),
                    HolderState::Gone => return Err(Conflict::HolderGone.into()),
                }
                if !end(tx, ObjectKind::Holder, &id, ended, now).await? {
                    return Err(Conflict::HolderSuspended.into());
                }
                holder::set_state(tx, &id, HolderState::Active).await?;
                let mut phones = Vec::new();
                for phone in phones_by_id(tx, &id).await? {
                    let own = suspension::of(tx.reader(), ObjectKind::Phone, &phone.id).await?;
                    if phone.state == PhoneState::Suspended && own.is_none() {
                        let certificates = release(tx, &phone.id, now, &actor).await?;
                        tx.record(phone_resumed(&phone.id, certificates, now, &actor));
                        phones.push(phone.id);
                    }
                }
                let count = phones.len();
                let event = Event::HolderResumed(ResumedHolder { phones });
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok::<_, Error>(count)
            })
        })
        .await;
    app.crls.due.notify_one();
    resumed
}

/// Takes a holder back who was let go. What was revoked stays revoked.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if they were not let go.
pub async fn take_back(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write(move |tx| {
            Box::pin(async move {
                match holder_locked(tx, &id).await?.state {
                    HolderState::Gone => {}
                    HolderState::Active => return Err(Conflict::HolderActive.into()),
                    HolderState::Suspended => return Err(Conflict::HolderSuspended.into()),
                }
                holder::set_state(tx, &id, HolderState::Active).await?;
                let event = Event::HolderTakenBack(Nothing {});
                tx.record(NewEvent::new(now, &actor, &id, event));
                Ok(())
            })
        })
        .await
}

fn phone_suspended(
    id: &str,
    certificates: usize,
    terms: Terms,
    now: Timestamp,
    actor: &Actor,
) -> NewEvent {
    let event = Event::PhoneSuspended(SuspendedPhone {
        certificates,
        until: rfc3339(terms.until),
        note: terms.note,
    });
    NewEvent::new(now, actor, id, event)
}

fn rfc3339(at: Option<Timestamp>) -> String {
    at.map(Timestamp::rfc3339).unwrap_or_default()
}

fn phone_resumed(id: &str, certificates: usize, now: Timestamp, actor: &Actor) -> NewEvent {
    NewEvent::new(
        now,
        actor,
        id,
        Event::PhoneResumed(ResumedPhone { certificates }),
    )
}

/// The phone with this id and its holder, who is locked.
async fn locked(tx: &mut Transaction, phone_id: &str) -> Result<(Phone, Holder)> {
    let found = phone::by_id(tx.reader(), phone_id).await?;
    let found = found.ok_or(Error::NotFound(Object::Phone))?;
    let holder = holder_locked(tx, &found.holder_id).await?;
    // Once more, now that nobody changes it.
    let phone = phone::by_id(tx.reader(), phone_id).await?;
    Ok((phone.ok_or(Error::NotFound(Object::Phone))?, holder))
}

/// The holder with this id, locked.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn holder_locked(tx: &mut Transaction, id: &str) -> Result<Holder> {
    let found = holder::lock(tx, id).await?;
    found.ok_or(Error::NotFound(Object::Holder))
}

/// Whether a phone of a holder may be enrolled.
///
/// # Errors
/// [`Error::Conflict`] if they are suspended or gone.
pub(crate) fn check_active(holder: &Holder) -> Result<()> {
    match holder.state {
        HolderState::Active => Ok(()),
        HolderState::Suspended => Err(Conflict::HolderSuspended.into()),
        HolderState::Gone => Err(Conflict::HolderGone.into()),
    }
}

/// The phones of a holder that are not revoked, in the order in which everybody locks them.
pub(crate) async fn phones_by_id(tx: &mut Transaction, holder_id: &str) -> Result<Vec<Phone>> {
    let mut phones = phone::unrevoked_of_holder(tx.reader(), holder_id).await?;
    phones.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(phones)
}

/// Puts the certificates of a phone on hold that have not ended, and the phone itself. Returns how many are on hold now. What
/// waits for its signature gets none while the phone is suspended.
async fn hold(
    tx: &mut Transaction,
    phone_id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<usize> {
    phone::set_suspended(tx, phone_id, true).await?;
    let mut on_hold = 0;
    for row in certificate::of_phone(tx.reader(), phone_id).await? {
        if row.not_after < now {
            continue;
        }
        match row.state {
            CertificateState::Issued => {}
            CertificateState::Suspended => {
                on_hold += 1;
                continue;
            }
            CertificateState::Reserved | CertificateState::Revoked => continue,
        }
        // First of all, as every revocation does: it locks the issuer.
        issuer::raise_revocation_epoch(tx, &row.issuer_id).await?;
        if !certificate::set_suspended(tx, &row.id, true).await? {
            continue;
        }
        let evidence = Revocation {
            issuer_id: row.issuer_id.clone(),
            serial: row.serial.clone(),
            revoked_at: now,
            reason: RevocationReason::CertificateHold,
            not_after: row.not_after,
        };
        revocation::insert(tx, &evidence).await?;
        let event = Event::CertificateSuspended(HeldCertificate {
            certificate: row.facts(),
        });
        tx.record(NewEvent::new(now, actor, &row.id, event));
        on_hold += 1;
    }
    Ok(on_hold)
}

/// Makes the certificates of a phone good again that are on hold, and the phone itself. Returns how many of them have not
/// ended.
async fn release(
    tx: &mut Transaction,
    phone_id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<usize> {
    phone::set_suspended(tx, phone_id, false).await?;
    let mut released = 0;
    for row in certificate::of_phone(tx.reader(), phone_id).await? {
        if row.state != CertificateState::Suspended {
            continue;
        }
        issuer::raise_revocation_epoch(tx, &row.issuer_id).await?;
        if !certificate::set_suspended(tx, &row.id, false).await? {
            continue;
        }
        revocation::lift_hold(tx, &row.issuer_id, &row.serial).await?;
        let event = Event::CertificateResumed(HeldCertificate {
            certificate: row.facts(),
        });
        tx.record(NewEvent::new(now, actor, &row.id, event));
        if row.not_after >= now {
            released += 1;
        }
    }
    Ok(released)
}
