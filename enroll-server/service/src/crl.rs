//! The CRLs: a new one is made when a certificate was revoked since the last, or when the last grows old.

use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::crl::content::{RevocationList, RevokedCertificate};
use enroll_server_ca::crl::sign::sign;
use enroll_server_ca::error::CaError;
use enroll_server_model::event_detail::PublishedCrl as PublishedDetail;
use enroll_server_model::{Actor, Event, IssuerRole, NewEvent, SharedFile, Timestamp};
use enroll_server_store::crl::{self, PublishedCrl};
use enroll_server_store::{issuer, revocation};

use crate::app::App;
use crate::blocking::blocking;
pub use crate::crl_cache::ServedCrl;
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
/// If the database fails, or a new CRL cannot be signed and the last one has expired or does not know every revocation.
pub async fn current(app: &App, authority: &Arc<Authority>) -> Result<Arc<ServedCrl>> {
    let schedule = Schedule::of(authority.role());
    let epoch = app.revocation_epoch(authority).await?;
    let now = app.clock.now();
    let fresh = |crl: &PublishedCrl| {
        crl.revocation_epoch >= epoch && crl.this_update.is_within(schedule.renewed_after, now)
    };
    let kept = app.crls.newest.of(authority.key_id());
    let mut kept = kept.lock().await;
    if let Some(known) = kept.made.as_ref().filter(|known| fresh(known)) {
        return Ok(known.clone());
    }
    let is_good = |crl: &PublishedCrl| crl.revocation_epoch >= epoch && crl.next_update > now;
    if let Err(error) = kept.may_try(now) {
        let last = kept.made.clone().filter(|last| is_good(last));
        return last.ok_or(error);
    }
    let mut stored = crl::newest(app.store.reader(), authority.id()).await?;
    check_above(app, authority, stored.as_ref())?;
    let made = match stored.take_if(|stored| fresh(stored)) {
        Some(stored) => Ok(stored),
        None => make(app, authority, schedule, stored.as_ref()).await,
    };
    let before = kept.made.clone();
    let served = |crl| Arc::new(ServedCrl::after(before.as_deref(), crl, app.clock.now()));
    match made {
        Ok(made) => {
            let made = served(made);
            kept.keep(made.clone());
            app.crls.keep(authority, &made).await;
            Ok(made)
        }
        Err(error) => {
            let error = kept.failed(error, now);
            kept.made = stored.filter(is_good).map(served);
            let Some(last) = kept.made.clone() else {
                return Err(error);
            };
            // So it is with a root whose key is offline.
            if !matches!(error, Error::TriedInVain(_)) {
                tracing::warn!(
                    authority = authority.certificate().name,
                    until = last.next_update.rfc3339(),
                    %error,
                    "no new CRL can be made; the last one is served until it expires"
                );
            }
            Ok(last)
        }
    }
}

/// Whether the newest CRL of the database is not older than the one that is kept beside the key. Else the database was
/// replaced by an older one while the server runs, and what was revoked since would be good again.
fn check_above(app: &App, authority: &Authority, newest: Option<&PublishedCrl>) -> Result<()> {
    let known = newest.map_or(0, |newest| newest.number);
    match app.crls.kept_number(authority.key_id()) {
        Some(kept) if kept > known => Err(CaError::Mismatch(format!(
            "{}: revocation list {kept} is published, and the newest in the database is number {known}: the database was \
             replaced by an older one. Stop the server, and run `enroll-server reconcile`",
            authority.certificate().name
        ))
        .into()),
        _ => Ok(()),
    }
}

/// Whether there is an authority of which no new CRL can be made.
pub(crate) async fn is_any_failing(app: &App) -> bool {
    for authority in app.authorities.iter() {
        let kept = app.crls.newest.of(authority.key_id());
        if kept.lock().await.is_failing() {
            return true;
        }
    }
    false
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
    // Not of one that is from the future, by a clock that went back since: its certificates have not ended yet.
    let now = app.clock.now();
    let ended_since = previous.map_or(Timestamp(0), |previous| previous.this_update.min(now));
    let id = authority.id().to_owned();
    let (number, epoch, revocations) = app
        .store
        .write_at_length::<_, Error, _>(move |tx| {
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
                // Some would take one that is revoked in the future for good until then.
                revoked_at: revocation.revoked_at.min(this_update),
                reason: revocation.reason,
            })
            .collect(),
    };
    let (entries, next_update) = (list.revocations.len(), list.next_update);
    let issuer = authority.clone();
    let signed = move || sign(&list, issuer.certificate(), &signer).map(SharedFile::from);
    let body = blocking(signed).await?;
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
        .write_at_length(move |tx| {
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
