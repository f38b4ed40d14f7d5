//! Revoking one certificate or a whole phone.

use enroll_server_model::event_detail::{RevokedCertificate, RevokedPhone};
use enroll_server_model::{Actor, CertificateState, Event, NewEvent, RevocationReason, Timestamp};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::revocation::{self, Revocation};
use enroll_server_store::{Transaction, issuer, phone};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::{Conflict, Object};

/// Revokes one certificate. OCSP and CRL say so from the next request on.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is revoked already.
pub async fn revoke_certificate(
    app: &App,
    id: &str,
    reason: RevocationReason,
    actor: &Actor,
) -> Result<()> {
    let now = app.clock.now();
    let id = id.to_owned();
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let certificate = certificate::by_id(tx.reader(), &id)
                    .await?
                    .ok_or(Error::NotFound(Object::Certificate))?;
                if !revoke(tx, &certificate, reason, now, &actor).await? {
                    return Err(Conflict::CertificateRevoked.into());
                }
                Ok(())
            })
        })
        .await
}

/// Revokes a phone: all of its certificates that are not revoked yet. Returns how many those were.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if the phone is revoked already.
pub async fn revoke_phone(
    app: &App,
    id: &str,
    reason: RevocationReason,
    actor: &Actor,
) -> Result<usize> {
    let now = app.clock.now();
    let id = id.to_owned();
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !phone::set_revoked(tx, &id, now).await? {
                    phone::by_id(tx.reader(), &id)
                        .await?
                        .ok_or(Error::NotFound(Object::Phone))?;
                    return Err(Conflict::PhoneRevoked.into());
                }
                let mut revoked = 0;
                for certificate in certificate::of_phone(tx.reader(), &id).await? {
                    if certificate.state != CertificateState::Revoked
                        && revoke(tx, &certificate, reason, now, &actor).await?
                    {
                        revoked += 1;
                    }
                }
                tx.record(NewEvent::new(
                    now,
                    &actor,
                    &id,
                    Event::PhoneRevoked(RevokedPhone {
                        reason: Some(reason),
                        certificates: revoked,
                    }),
                ));
                Ok(revoked)
            })
        })
        .await
}

/// Revokes a certificate within a transaction. Returns whether it was not revoked before.
pub(super) async fn revoke(
    tx: &mut Transaction,
    certificate: &Certificate,
    reason: RevocationReason,
    now: Timestamp,
    actor: &Actor,
) -> Result<bool> {
    // First of all: it locks the issuer, so that of two who revoke the same certificates in another order one waits
    // for the other, and not each for the other.
    issuer::raise_revocation_epoch(tx, &certificate.issuer_id).await?;
    if !certificate::set_revoked(tx, &certificate.id).await? {
        return Ok(false);
    }
    revocation::insert(
        tx,
        &Revocation {
            issuer_id: certificate.issuer_id.clone(),
            serial: certificate.serial.clone(),
            revoked_at: now,
            reason,
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
            reason: Some(reason),
        }),
    ));
    Ok(true)
}
