//! Issuing certificates: recorded, then signed, then stored.
//!
//! An [`Order`] says which. The caller's first transaction [reserves](reserve) what [`prepare`] built and linted; the
//! signature is made outside of any transaction; [`complete`] stores it in a second one, and only then does the
//! certificate leave the server. Whatever fails in between leaves a reserved row: it counts as signed, is never
//! resumed, and [`sweep`] revokes it.

use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::builder::{self, Prepared, Signed};
use enroll_server_ca::error::CaError;
use enroll_server_ca::facts::Facts;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::event_detail::{
    AbandonedCertificate, CertificateFacts, IssuedCertificate, ReservedCertificate,
};
use enroll_server_model::{
    Actor, CLOCKS_DIFFER, CertificateState, Event, NewEvent, RevocationReason, Timestamp, random,
};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::{Kind, Transaction};

use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::refusal::{Invalid, NoIssuance};
use crate::revocation;

/// How long a request that reserved certificates may be at work before they count as left over.
pub const LEASE: Duration = Duration::from_secs(10);

/// Whose certificate it is.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// The holder; none for the server's own.
    pub holder_id: Option<String>,
    /// The phone; none for the server's own.
    pub phone_id: Option<String>,
}

/// Who issues the certificates of an order.
#[derive(Clone, Debug)]
pub enum Issuer {
    /// For each key the authority that its profile names.
    OfProfile,
    /// This authority for all of them: who answers OCSP in its name must have its certificate from it (RFC 6960, section
    /// 4.2.2.2).
    This(Arc<Authority>),
}

/// Certificates that are ordered: for the keys of a holder whom one of the ways in has admitted, or for the server's own.
#[derive(Clone, Debug)]
pub struct Order {
    /// What the certificates say of their subject.
    pub facts: Facts,
    /// The keys, each with its profile.
    pub keys: Vec<(Arc<Profile>, PublicKey)>,
    /// Who issues them.
    pub issuer: Issuer,
    /// Whose they will be.
    pub owner: Owner,
    /// What the keys are certified for: a key serves one purpose.
    pub purpose: String,
    /// Who acts, for the audit trail.
    pub actor: Actor,
}

/// Builds and lints the certificates of an order; nothing is on record yet.
///
/// # Errors
/// If a certificate would break a rule, or a profile names an authority that does not issue here;
/// [`Error::IssuesNothing`] while the clock cannot be right, and after the authority's end.
pub async fn prepare(app: &App, order: &Order, now: Timestamp) -> Result<Vec<Prepared>> {
    app.check_clock(now)?;
    let mut wanted = Vec::with_capacity(order.keys.len());
    for (profile, key) in &order.keys {
        let issuer = match &order.issuer {
            Issuer::OfProfile => app.authorities.issuer_of(profile)?,
            Issuer::This(issuer) => issuer,
        };
        check_issuer(issuer, now)?;
        wanted.push((issuer.clone(), profile.clone(), key.clone()));
    }
    let facts = order.facts.clone();
    blocking(move || {
        wanted
            .iter()
            .map(|(issuer, profile, key)| builder::prepare(issuer, profile, &facts, key, now))
            .collect::<Result<_, CaError>>()
    })
    .await
}

/// Whether an authority is valid: what it signs before or after is refused by everybody.
///
/// # Errors
/// [`Error::IssuesNothing`] if it is not.
pub(crate) fn check_issuer(issuer: &Authority, now: Timestamp) -> Result<()> {
    let certificate = issuer.certificate();
    if certificate.validity().contains(now) {
        return Ok(());
    }
    Err(Error::IssuesNothing(NoIssuance::AuthorityNotValid {
        name: certificate.name.clone(),
        validity: certificate.validity(),
    }))
}

/// Issues the certificates of an order that needs nothing else in its first transaction.
///
/// # Errors
/// As [`prepare`], [`reserve`] and [`complete`].
pub async fn issue(app: &App, order: Order) -> Result<Vec<Signed>> {
    let now = app.clock.now();
    let prepared = prepare(app, &order, now).await?;
    let actor = order.actor.clone();
    let reserved = app
        .store
        .write(move |tx| Box::pin(async move { reserve(tx, &order, prepared, now).await }))
        .await?;
    complete(app, reserved, &actor).await
}

/// A certificate that has its row and waits for its signature.
#[derive(Debug)]
pub struct Reserved {
    /// Its row's id.
    pub id: String,
    /// Which certificate it is, for the audit trail.
    pub facts: CertificateFacts,
    /// What will be signed.
    pub prepared: Prepared,
}

/// Puts the certificates of an order on record within a transaction.
///
/// # Errors
/// [`Error::RequestInvalid`] if a key was certified for another purpose before, or given up as compromised.
pub async fn reserve(
    tx: &mut Transaction,
    order: &Order,
    prepared: Vec<Prepared>,
    now: Timestamp,
) -> Result<Vec<Reserved>> {
    let mut reserved = Vec::with_capacity(prepared.len());
    for one in prepared {
        reserved.push(reserve_one(tx, order, one, now).await?);
    }
    Ok(reserved)
}

async fn reserve_one(
    tx: &mut Transaction,
    order: &Order,
    prepared: Prepared,
    now: Timestamp,
) -> Result<Reserved> {
    let Order {
        owner,
        purpose,
        actor,
        ..
    } = order;
    let key_hash = prepared.key().id().to_string();
    let profile = prepared.profile();
    if certificate::claim_key(tx, &key_hash, purpose, now).await? != *purpose {
        return Err(Error::RequestInvalid(Invalid::KnownKey {
            slot: profile.definition.slot,
        }));
    }
    if let Some(phone) = &owner.phone_id
        && certificate::is_compromised(tx.reader(), phone, &key_hash).await?
    {
        return Err(Error::RequestInvalid(Invalid::CompromisedKey {
            slot: profile.definition.slot,
        }));
    }
    let row = Certificate {
        id: random::id()?,
        issuer_id: prepared.issuer().id().to_owned(),
        serial: prepared.serial().to_string(),
        state: CertificateState::Reserved,
        profile: profile.name.clone(),
        profile_version: profile.version,
        slot: profile.definition.slot,
        holder_id: owner.holder_id.clone(),
        phone_id: owner.phone_id.clone(),
        subject: prepared.subject().to_owned(),
        key_hash,
        algorithm: prepared.key().algorithm(),
        not_before: prepared.not_before(),
        not_after: prepared.not_after(),
        fingerprint: None,
        reserved_at: now,
        issued_at: None,
    };
    certificate::reserve(tx, &row, prepared.recorded()).await?;
    tx.record(NewEvent::new(
        now,
        actor,
        &row.id,
        Event::CertificateReserved(ReservedCertificate {
            certificate: row.facts(),
            subject: row.subject.clone(),
        }),
    ));
    Ok(Reserved {
        facts: row.facts(),
        id: row.id,
        prepared,
    })
}

/// Signs certificates that are on record and stores them, in one transaction. Returns them in the same order.
///
/// # Errors
/// As [`sign`] and [`store`].
pub async fn complete(app: &App, reserved: Vec<Reserved>, actor: &Actor) -> Result<Vec<Signed>> {
    let ready = sign(reserved).await?;
    let now = app.clock.now();
    let actor = actor.clone();
    app.store
        .write(move |tx| Box::pin(async move { store(tx, ready, now, &actor).await }))
        .await
}

/// A certificate that is signed and not stored yet: nobody may have it.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its row's id.
    pub id: String,
    facts: CertificateFacts,
    signed: Signed,
}

/// Signs certificates that are on record, off the async threads.
///
/// # Errors
/// If a signature fails.
pub async fn sign(reserved: Vec<Reserved>) -> Result<Vec<Ready>> {
    blocking(move || {
        let sign = |one: Reserved| {
            Ok(Ready {
                id: one.id,
                facts: one.facts,
                signed: one.prepared.sign()?,
            })
        };
        reserved
            .into_iter()
            .map(sign)
            .collect::<Result<_, CaError>>()
    })
    .await
}

/// Stores signed certificates within a transaction: once it ends, they may leave the server.
///
/// # Errors
/// [`Error::Busy`] if a certificate was revoked or given up in the meantime, and then none of them is given out.
pub async fn store(
    tx: &mut Transaction,
    ready: Vec<Ready>,
    now: Timestamp,
    actor: &Actor,
) -> Result<Vec<Signed>> {
    let mut certificates = Vec::with_capacity(ready.len());
    for Ready { id, facts, signed } in ready {
        if !certificate::issue(tx, &id, &signed.der, &signed.fingerprint, now).await? {
            return Err(Error::Busy {
                retry_after: Duration::from_secs(1),
            });
        }
        tx.record(NewEvent::new(
            now,
            actor,
            &id,
            Event::CertificateIssued(IssuedCertificate {
                certificate: facts,
                fingerprint: signed.fingerprint.clone(),
            }),
        ));
        certificates.push(signed);
    }
    Ok(certificates)
}

/// Revokes certificates that were put on record and never stored, and that no request is at work on any more: the
/// server was stopped in between, and they may have been signed. Returns how many.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.clock.now();
    // What is on record for a later time was put there by a clock that went back since.
    sweep_outside(app, now.minus(LEASE), now.plus(CLOCKS_DIFFER)).await
}

/// The same at the start, where on SQLite there is no other server whose certificates they could be.
pub(crate) async fn sweep_at_start(app: &App) -> Result<usize> {
    match app.store.kind() {
        Kind::Sqlite => sweep_outside(app, Timestamp(i64::MAX), Timestamp(i64::MAX)).await,
        Kind::Postgres => sweep(app).await,
    }
}

async fn sweep_outside(app: &App, since: Timestamp, until: Timestamp) -> Result<usize> {
    const BATCH: i64 = 100;
    let now = app.clock.now();
    let mut swept = 0;
    loop {
        let batch = app
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let left_over =
                        certificate::reserved_outside(tx.reader(), since, until, BATCH).await?;
                    for one in &left_over {
                        abandon(tx, one, now).await?;
                    }
                    Ok::<_, Error>(left_over.len())
                })
            })
            .await?;
        if batch == 0 {
            return Ok(swept);
        }
        swept += batch;
    }
}

/// Gives up one certificate that was put on record and never stored.
pub(super) async fn abandon(
    tx: &mut Transaction,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<()> {
    let actor = Actor::system();
    tx.record(NewEvent::new(
        now,
        &actor,
        &certificate.id,
        Event::IssuanceAbandoned(AbandonedCertificate {
            certificate: certificate.facts(),
        }),
    ));
    revocation::revoke(tx, certificate, RevocationReason::Unspecified, now, &actor).await?;
    Ok(())
}
