//! The CRLs: a new one is made when a certificate was revoked since the last, or when the last grows old.

use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::crl::content::{RevocationList, RevokedCertificate};
use enroll_server_ca::crl::sign::sign;
use enroll_server_model::event_detail::PublishedCrl as PublishedDetail;
use enroll_server_model::{Actor, Event, IssuerRole, NewEvent, Timestamp};
use enroll_server_store::crl::{self, PublishedCrl};
use enroll_server_store::{issuer, revocation};

use crate::app::App;
use crate::blocking::blocking;
use crate::error::{Error, Result};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How often an issuer makes a CRL without being asked to by a revocation, and for how long each is valid.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    renewed_after: Duration,
    lifetime: Duration,
}

const ISSUING: Schedule = Schedule {
    renewed_after: HOUR,
    lifetime: HOUR.saturating_mul(24),
};
const ROOT: Schedule = Schedule {
    renewed_after: HOUR.saturating_mul(7 * 24),
    lifetime: HOUR.saturating_mul(30 * 24),
};

impl Schedule {
    fn of(role: IssuerRole) -> Self {
        match role {
            IssuerRole::Root => ROOT,
            IssuerRole::Issuing => ISSUING,
        }
    }
}

/// An authority's CRL as of now: it knows every revocation that was stored before this was called.
///
/// # Errors
/// If the database fails, or a new CRL cannot be signed and the last one has expired.
pub async fn current(app: &App, authority: &Arc<Authority>) -> Result<Arc<PublishedCrl>> {
    let schedule = Schedule::of(authority.role());
    let epoch = issuer::revocation_epoch(app.store.reader(), authority.id()).await?;
    let now = app.clock.now();
    let fresh = |crl: &PublishedCrl| {
        crl.revocation_epoch >= epoch && crl.this_update.plus(schedule.renewed_after) > now
    };
    let kept = app.crls.0.of(authority.key_id());
    let mut kept = kept.lock().await;
    if let Some(known) = kept.as_ref().filter(|known| fresh(known)) {
        return Ok(known.clone());
    }
    let stored = crl::newest(app.store.reader(), authority.id()).await?;
    let newest = match stored {
        Some(stored) if fresh(&stored) => stored,
        previous => match make(app, authority, schedule, previous.as_ref()).await {
            Ok(made) => made,
            Err(error) => keep(previous, authority, epoch, now, error)?,
        },
    };
    let newest = Arc::new(newest);
    *kept = Some(newest.clone());
    Ok(newest)
}

/// The last CRL, where no new one could be made: good enough for a root that is offline, while it is in time and
/// knows every revocation.
fn keep(
    previous: Option<PublishedCrl>,
    authority: &Authority,
    epoch: i64,
    now: Timestamp,
    error: Error,
) -> Result<PublishedCrl> {
    match previous {
        Some(previous) if previous.revocation_epoch >= epoch && previous.next_update > now => {
            tracing::warn!(authority = authority.certificate().name, %error, "no new CRL could be made; the last one is served until it expires");
            Ok(previous)
        }
        _ => Err(error),
    }
}

async fn make(
    app: &App,
    authority: &Arc<Authority>,
    schedule: Schedule,
    previous: Option<&PublishedCrl>,
) -> Result<PublishedCrl> {
    // The key is read before a number is taken: without it there is nothing to number.
    let signer = {
        let authority = authority.clone();
        blocking(move || authority.signer()).await?
    };
    // Whoever's certificate has expired stays on the first CRL after that.
    let ended_since = previous.map_or(Timestamp(0), |previous| previous.this_update);
    let id = authority.id().to_owned();
    let (number, epoch, revocations) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let number = crl::take_number(tx, &id).await?;
                // The epoch first: a revocation between the two statements makes this CRL count as older.
                let epoch = issuer::revocation_epoch(tx.reader(), &id).await?;
                let revoked = revocation::ending_after(tx.reader(), &id, ended_since).await?;
                Ok((number, epoch, revoked))
            })
        })
        .await?;
    let this_update = app.clock.now().whole_seconds();
    let list = RevocationList {
        number,
        this_update,
        next_update: this_update.plus(schedule.lifetime),
        // One CRL speaks for every certificate of its issuer.
        shard: None,
        revocations: revocations
            .into_iter()
            .map(|revocation| RevokedCertificate {
                serial: revocation.serial,
                revoked_at: revocation.revoked_at,
                reason: revocation.reason,
            })
            .collect(),
    };
    let (entries, next_update) = (list.revocations.len(), list.next_update);
    let issuer = authority.clone();
    let body = blocking(move || sign(&list, issuer.certificate(), &signer)).await?;
    let published = PublishedCrl {
        issuer_id: authority.id().to_owned(),
        number,
        revocation_epoch: epoch,
        this_update,
        next_update,
        body,
    };
    publish(app, published, entries).await
}

/// Stores a CRL. If another server has stored a newer one since, that one is the answer.
async fn publish(app: &App, made: PublishedCrl, entries: usize) -> Result<PublishedCrl> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !crl::publish(tx, &made).await? {
                    let newest = crl::newest(tx.reader(), &made.issuer_id).await?;
                    return Ok(newest.unwrap_or(made));
                }
                tx.record(NewEvent::new(
                    now,
                    &Actor::system(),
                    &made.issuer_id,
                    Event::CrlPublished(PublishedDetail {
                        number: made.number,
                        entries,
                    }),
                ));
                Ok::<_, Error>(made)
            })
        })
        .await
}
