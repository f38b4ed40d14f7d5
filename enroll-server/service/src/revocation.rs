//! Revoking one certificate, or a whole phone and what else its holder should no longer have.

use enroll_server_model::event_detail::{RevokedCertificate, RevokedPhone};
use enroll_server_model::{
    Actor, CertificateState, Event, NewEvent, ObjectKind, PhoneState, RevocationReason, Slot,
    Timestamp,
};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::revocation::{self, Revocation};
use enroll_server_store::{
    Transaction, holder, holder_link, holder_session, invitation, issuer, phone, suspension,
};

use crate::app::App;
use crate::cancellation::cancel;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};

/// Revokes one certificate and nothing else of its holder's. OCSP and CRL say so from the next request on.
///
/// # Errors
/// As [`end`].
pub async fn revoke_certificate(
    app: &App,
    id: &str,
    reason: RevocationReason,
    actor: &Actor,
) -> Result<()> {
    let ending = Ending::of(Subject::Certificate(id.to_owned()), reason);
    end(app, ending, actor).await.map(drop)
}

/// What is revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The phone with this id: all of its certificates.
    Phone(String),
    /// The certificate with this id.
    Certificate(String),
}

/// What is to end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// What is revoked.
    pub subject: Subject,
    /// Ids of other phones of its holder, which are revoked with it.
    pub phones: Vec<String>,
    /// Ids of invitations of its holder, which are cancelled with it.
    pub invitations: Vec<String>,
    /// Why.
    pub reason: RevocationReason,
    /// What whoever does it has to say; kept with the event.
    pub note: String,
}

impl Ending {
    /// The end of this, and of nothing else of its holder's.
    #[must_use]
    pub fn of(subject: Subject, reason: RevocationReason) -> Self {
        Self {
            subject,
            phones: Vec::new(),
            invitations: Vec::new(),
            reason,
            note: String::new(),
        }
    }
}

/// What ended, and what its holder still has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// How many certificates were revoked, of all phones together.
    pub certificates: usize,
    /// The names of the other phones that were revoked.
    pub phones: Vec<String>,
    /// How many invitations were cancelled.
    pub invitations: usize,
    /// How many active phones the holder has left.
    pub phones_left: usize,
    /// How many invitations the holder has left that can be used.
    pub invitations_left: usize,
}

/// Revokes a phone and nothing else of its holder's: all of its certificates that are not revoked yet. Returns how many
/// those were.
///
/// # Errors
/// As [`end`].
pub async fn revoke_phone(
    app: &App,
    id: &str,
    reason: RevocationReason,
    actor: &Actor,
) -> Result<usize> {
    let ending = Ending::of(Subject::Phone(id.to_owned()), reason);
    Ok(end(app, ending, actor).await?.certificates)
}

/// Revokes a phone or a certificate and what is to end with it, in one transaction. What has ended by itself in the
/// meantime stands in nobody's way, and is not counted.
///
/// # Errors
/// [`Error::NotFound`], also for another holder's phones and invitations; [`Error::Conflict`] if the phone or the certificate
/// is revoked already.
pub async fn end(app: &App, ending: Ending, actor: &Actor) -> Result<Ended> {
    let now = app.clock.now();
    let actor = actor.clone();
    let ended = app
        .store
        .write(move |tx| Box::pin(async move { end_within(tx, ending, now, &actor).await }))
        .await;
    app.crls.due.notify_one();
    ended
}

async fn end_within(
    tx: &mut Transaction,
    ending: Ending,
    now: Timestamp,
    actor: &Actor,
) -> Result<Ended> {
    let why = Why {
        reason: ending.reason,
        note: ending.note,
    };
    let (main, certificate) = match &ending.subject {
        Subject::Phone(id) => (id.clone(), None),
        Subject::Certificate(id) => {
            let found = certificate::by_id(tx.reader(), id).await?;
            let found = found.ok_or(Error::NotFound(Object::Certificate))?;
            (found.phone_id.clone().unwrap_or_default(), Some(found))
        }
    };
    let mut ended = Ended::default();
    if let Some(certificate) = &certificate {
        if let Some(holder) = &certificate.holder_id {
            // First of all, as whoever changes something of a holder's does.
            holder::lock(tx, holder).await?;
        }
        if !revoke_with_note(tx, certificate, &why, now, actor).await? {
            return Err(Conflict::CertificateRevoked.into());
        }
        ended.certificates = 1;
        if certificate.phone_id.is_none() {
            // One of the server's own: nobody holds it.
            return Ok(ended);
        }
        if why.reason == RevocationReason::KeyCompromise {
            ended.certificates += revoke_others_of_key(tx, certificate, &why, now, actor).await?;
        }
    }
    let mut found = Vec::with_capacity(1 + ending.phones.len());
    for id in std::iter::once(&main).chain(&ending.phones) {
        let phone = phone::by_id(tx.reader(), id).await?;
        found.push(phone.ok_or(Error::NotFound(Object::Phone))?);
    }
    let main = found.first().ok_or(Error::NotFound(Object::Phone))?.clone();
    if certificate.is_none() {
        holder::lock(tx, &main.holder_id).await?;
    }
    if found.iter().any(|phone| phone.holder_id != main.holder_id) {
        return Err(Error::NotFound(Object::Phone));
    }
    if certificate.is_some() {
        // The certificate's own phone stays.
        found.retain(|phone| phone.id != main.id);
    }
    // Everybody locks phones in the same order, and invitations after them.
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    let mut of_main = 0;
    let mut others = Vec::new();
    for phone in found {
        let Some(certificates) = revoke_one(tx, &phone.id, why.reason, now, actor).await? else {
            if phone.id == main.id {
                return Err(Conflict::PhoneRevoked.into());
            }
            continue;
        };
        ended.certificates += certificates;
        if phone.id == main.id {
            of_main = certificates;
        } else {
            tx.record(phone_revoked(
                &phone.id,
                RevokedPhone {
                    reason: Some(why.reason),
                    certificates,
                    note: why.note.clone(),
                    ..RevokedPhone::default()
                },
                now,
                actor,
            ));
            ended.phones.push(phone.name);
            others.push(phone.id);
        }
    }
    let mut cancelled = Vec::new();
    for id in ending.invitations {
        let found = invitation::by_id(tx.reader(), &id).await?;
        if found.is_none_or(|found| found.holder_id != main.holder_id) {
            return Err(Error::NotFound(Object::Invitation));
        }
        if cancel(tx, &id, now, actor).await? {
            cancelled.push(id);
        }
    }
    ended.invitations = cancelled.len();
    if certificate.is_none() {
        tx.record(phone_revoked(
            &main.id,
            RevokedPhone {
                reason: Some(why.reason),
                certificates: of_main,
                phones: others,
                invitations: cancelled,
                note: why.note,
            },
            now,
            actor,
        ));
    }
    let left = phone::unrevoked_of_holder(tx.reader(), &main.holder_id).await?;
    let active = left
        .iter()
        .filter(|phone| phone.state == PhoneState::Active);
    ended.phones_left = active.count();
    ended.invitations_left = invitation::open_of_holder(tx.reader(), &main.holder_id, now)
        .await?
        .len();
    Ok(ended)
}

/// Revokes the other certificates of a phone for the same key: that key is known to others, whichever certificate names it. Returns
/// how many those were.
async fn revoke_others_of_key(
    tx: &mut Transaction,
    certificate: &Certificate,
    why: &Why,
    now: Timestamp,
    actor: &Actor,
) -> Result<usize> {
    let phone = certificate.phone_id.as_deref().unwrap_or_default();
    let mut revoked = 0;
    for other in certificate::of_phone(tx.reader(), phone).await? {
        if other.key_hash == certificate.key_hash
            && other.state != CertificateState::Revoked
            && revoke_with_note(tx, &other, why, now, actor).await?
        {
            revoked += 1;
        }
    }
    Ok(revoked)
}

/// Why something is revoked.
struct Why {
    reason: RevocationReason,
    note: String,
}

/// Revokes a phone with all of its certificates, and ends its suspension. Returns how many certificates those were; none if the
/// phone is revoked already.
pub(crate) async fn revoke_one(
    tx: &mut Transaction,
    id: &str,
    reason: RevocationReason,
    now: Timestamp,
    actor: &Actor,
) -> Result<Option<usize>> {
    if !phone::set_revoked(tx, id, now).await? {
        return Ok(None);
    }
    let certificates = revoke_all(tx, id, reason, now, actor).await?;
    invitation::end_work(tx, id).await?;
    suspension::delete(tx, ObjectKind::Phone, id).await?;
    Ok(Some(certificates))
}

pub(crate) fn phone_revoked(
    id: &str,
    detail: RevokedPhone,
    now: Timestamp,
    actor: &Actor,
) -> NewEvent {
    NewEvent::new(now, actor, id, Event::PhoneRevoked(detail))
}

/// Revokes the certificates of a phone that are not revoked yet. Returns how many those were.
async fn revoke_all(
    tx: &mut Transaction,
    phone_id: &str,
    reason: RevocationReason,
    now: Timestamp,
    actor: &Actor,
) -> Result<usize> {
    let mut revoked = 0;
    for certificate in certificate::of_phone(tx.reader(), phone_id).await? {
        if certificate.state != CertificateState::Revoked
            && revoke(tx, &certificate, reason, now, actor).await?
        {
            revoked += 1;
        }
    }
    Ok(revoked)
}

/// Revokes a certificate within a transaction. Returns whether it was not revoked before.
pub(super) async fn revoke(
    tx: &mut Transaction,
    certificate: &Certificate,
    reason: RevocationReason,
    now: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    let why = Why {
        reason,
        note: String::new(),
    };
    revoke_with_note(tx, certificate, &why, now, actor).await
}

async fn revoke_with_note(
    tx: &mut Transaction,
    certificate: &Certificate,
    why: &Why,
    now: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    // First of all: it locks the issuer, so that of two who revoke the same certificates in another order one waits
    // for the other, and not each for the other.
    issuer::raise_revocation_epoch(tx, &certificate.issuer_id).await?;
    if !certificate::set_revoked(tx, &certificate.id).await? {
        return Ok(false);
    }
    if certificate.slot == Some(Slot::PivAuthentication)
        && why.reason != RevocationReason::Superseded
    {
        end_sign_ins(tx, certificate).await?;
    }
    revocation::insert(
        tx,
        &Revocation {
            issuer_id: certificate.issuer_id.clone(),
            serial: certificate.serial.clone(),
            revoked_at: now,
            reason: why.reason,
            not_after: certificate.not_after,
        },
    )
    .await?;
    tx.record(NewEvent::new(
        now,
        actor,
        &certificate.id,
        Event::CertificateRevoked(RevokedCertificate {
            certificate: certificate.facts(),
            reason: Some(why.reason),
            note: why.note.clone(),
        }),
    ));
    Ok(true)
}

/// Ends what somebody came to who showed a certificate: sessions on the holder's own pages, and links there.
async fn end_sign_ins(tx: &mut Transaction, certificate: &Certificate) -> Result<()> {
    if let Some(phone) = &certificate.phone_id {
        holder_session::delete_of_phone(tx, phone).await?;
    }
    if let Some(holder) = &certificate.holder_id {
        holder_link::delete_of(tx, holder).await?;
    }
    Ok(())
}
