//! The same request once more: its answer was lost, or the server was stopped before it gave one.

use std::time::{Duration, Instant};

use enroll_server_model::{CertificateState, PhoneState};
use enroll_server_store::{certificate, phone};

use super::work::{self, Begun, Enrolled, Enrollment, SlotCertificate, issue, issuers, not_active};
use crate::app::App;
use crate::error::{Error, Result};
use crate::issuance::{self, LEASE, Reserved};
use crate::refusal::Conflict;
use crate::suspension::holder_locked;

/// How often a repeated request looks whether the first one is done.
const POLL: Duration = Duration::from_millis(50);
/// For how long it does: until the first one's lease has surely run out.
const PATIENCE: Duration = LEASE.saturating_add(Duration::from_secs(5));

/// Answers a request whose claim is used up: with the certificates, if it is the request that used it.
pub(super) async fn repeat(app: &App, enrollment: &Enrollment) -> Result<Enrolled> {
    let deadline = Instant::now() + PATIENCE;
    let claim = &enrollment.admission.claim;
    loop {
        let used = claim.used(app).await?.ok_or_else(|| claim.refusal())?;
        if used.digest != enrollment.digest {
            return Err(claim.refusal());
        }
        let phone_id = used.phone_id;
        let phone = phone::by_id(app.store.reader(), &phone_id).await?;
        match phone.map(|phone| phone.state) {
            Some(PhoneState::Active) => {}
            Some(PhoneState::Suspended) => return Err(Conflict::PhoneSuspended.into()),
            // What a revoked phone was admitted by does not bring it back.
            Some(PhoneState::Revoked) | None => return Err(claim.refusal()),
        }
        if let Some(enrolled) = issued(app, enrollment, &phone_id).await? {
            return Ok(enrolled);
        }
        // Nor if the phone has come back by another admission since.
        let lease = used.lease_until.ok_or_else(|| claim.refusal())?;
        let now = app.clock.now();
        if !lease.still_holds(LEASE, now)
            && let Some(reserved) = take_over(app, enrollment, &phone_id).await?
        {
            let begun = Begun { phone_id, reserved };
            return issue(app, enrollment, begun).await;
        }
        if Instant::now() >= deadline {
            return Err(Error::Busy { retry_after: LEASE });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What an enrollment led to, if all of its certificates are issued and none is revoked.
async fn issued(app: &App, enrollment: &Enrollment, phone_id: &str) -> Result<Option<Enrolled>> {
    let mut rows = certificate::issued_of_phone(app.store.reader(), phone_id).await?;
    rows.retain(|row| enrollment.has_key(&row.certificate.key_hash));
    let certificates: Option<Vec<_>> = enrollment
        .keys
        .iter()
        .map(|(asked, key)| {
            let hash = key.id().to_string();
            rows.iter()
                .find(|row| row.certificate.key_hash == hash)
                .map(|row| SlotCertificate {
                    slot: asked.slot,
                    der: row.der.clone(),
                })
        })
        .collect();
    let cut_short = enrollment.keys.iter().filter_map(|(asked, key)| {
        let hash = key.id().to_string();
        let row = rows.iter().find(|row| row.certificate.key_hash == hash)?;
        work::cut_short(&asked.profile, row.certificate.validity())
    });
    let cut_short = cut_short.min();
    let issuers = issuers(
        app,
        rows.iter().map(|row| row.certificate.issuer_id.as_str()),
    );
    let unblocking = enrollment.unblocking_key(app, phone_id).await?;
    Ok(certificates.map(|certificates| Enrolled {
        phone_id: phone_id.to_owned(),
        certificates,
        issuers,
        cut_short,
        unblocking,
    }))
}

/// Takes over from a request that ended before it stored its certificates: those are given up and revoked, and new
/// ones, under new serials, are put on record. None if another request was faster.
///
/// # Errors
/// The claim's refusal if the phone was revoked, or some were issued and revoked since, or superseded: what was revoked is
/// not issued again.
async fn take_over(
    app: &App,
    enrollment: &Enrollment,
    phone_id: &str,
) -> Result<Option<Vec<Reserved>>> {
    let now = app.clock.now();
    let order = enrollment.order(app, phone_id);
    let prepared = issuance::prepare(app, &order, now).await?;
    let claim = enrollment.admission.claim.clone();
    let enrollment = enrollment.clone();
    let phone_id = phone_id.to_owned();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // Once more, and for good: it may have been revoked since it was looked at. Holders and phones are locked before
                // claims, as by whoever revokes one.
                holder_locked(tx, &enrollment.admission.holder.id).await?;
                if !phone::hold_active(tx, &phone_id).await? {
                    return Err(not_active(tx, &phone_id, &enrollment).await?);
                }
                let lease = now.plus(LEASE);
                if !claim.take_over(tx, now, lease).await? {
                    return Ok(None);
                }
                let mut rows = certificate::of_phone(tx.reader(), &phone_id).await?;
                rows.retain(|row| enrollment.has_key(&row.key_hash));
                for row in rows {
                    if row.fingerprint.is_some() {
                        return Err(claim.refusal());
                    }
                    if row.state == CertificateState::Reserved {
                        issuance::abandon(tx, &row, now).await?;
                    }
                }
                Ok(Some(issuance::reserve(tx, &order, prepared, now).await?))
            })
        })
        .await
}
