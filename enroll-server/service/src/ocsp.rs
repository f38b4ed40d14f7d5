//! Answering OCSP requests: what the database says now, signed by a responder certificate that renews itself.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::ocsp::request::{CertificateId, Query};
use enroll_server_ca::ocsp::responder::{AnswerTimes, Responder, key_algorithm};
use enroll_server_ca::ocsp::status::{Refusal, Status};
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Signer;
use enroll_server_model::{CertificateState, ProfileName};
use enroll_server_store::{certificate, revocation};

use crate::app::App;
use crate::blocking::blocking;
use crate::credential;
use crate::error::{Error, Result};
use crate::issued_lately;
use crate::ocsp_cache::{Answer, CachedAnswer};
pub use enroll_server_ca::ocsp::request::LONGEST_REQUEST;

/// For how long an answer is valid. Windows wants at least eight hours.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// For how long the same answer is given again, if nothing was revoked.
const REUSED_FOR: Duration = Duration::from_secs(60);

/// Answers a request in an authority's name. Failures are answers too.
pub async fn answer(app: &App, authority: &Arc<Authority>, request: &[u8]) -> Answer {
    let refusal = |refusal: Refusal| Answer {
        der: refusal.to_der().unwrap_or_default().into(),
        made: None,
    };
    let Ok(query) = Query::from_der(request) else {
        return refusal(Refusal::MalformedRequest);
    };
    let is_ours = |id: &CertificateId| id.is_of(authority.certificate());
    if !query.certificates.iter().any(is_ours) {
        return refusal(Refusal::Unauthorized);
    }
    match signed_answer(app, authority, request, query).await {
        Ok(answer) => answer,
        // It was said when it failed.
        Err(Error::TriedInVain(_)) => refusal(Refusal::InternalError),
        Err(error) => {
            tracing::error!(%error, "no OCSP answer could be made");
            refusal(Refusal::InternalError)
        }
    }
}

async fn signed_answer(
    app: &App,
    authority: &Arc<Authority>,
    request: &[u8],
    query: Query,
) -> Result<Answer> {
    let now = app.clock.now();
    // Before the states are read: an answer made from older ones than this epoch's is not given again.
    let epoch = app.revocation_epoch(authority).await?;
    let name = (authority.key_id(), Sha256::digest(request).into());
    if !query.has_nonce()
        && let Some(kept) = app.ocsp.kept(&name)
        && kept.epoch == epoch
        && kept.made.is_within(REUSED_FOR, now)
    {
        return Ok(kept.answer);
    }
    let mut statuses = Vec::with_capacity(query.certificates.len());
    for id in &query.certificates {
        statuses.push(status(app, authority, id).await?);
    }
    let responder = responder(app, authority).await?;
    let times = AnswerTimes {
        now,
        lifetime: LIFETIME,
    };
    // What is unknown may be issued the next moment, and no epoch tells of that.
    let may_be_kept = !query.has_nonce() && !statuses.contains(&Status::Unknown);
    let der = blocking(move || responder.answer(&query, &statuses, times)).await?;
    let answer = Answer {
        der: der.into(),
        made: Some(now),
    };
    if may_be_kept {
        let answer = answer.clone();
        app.ocsp.keep(
            name,
            CachedAnswer {
                epoch,
                made: now,
                answer,
            },
        );
    }
    Ok(answer)
}

async fn status(app: &App, authority: &Authority, id: &CertificateId) -> Result<Status> {
    if !id.is_of(authority.certificate()) {
        return Ok(Status::Unknown);
    }
    let serial = id.serial();
    let on = app.store.reader();
    if let Some(found) = revocation::of(on, authority.id(), &serial).await? {
        return Ok(Status::Revoked {
            // Some would take one that is revoked in the future for good until then.
            at: found.revoked_at.min(app.clock.now()),
            reason: found.reason,
        });
    }
    if app.authorities.is_authority(authority, &serial) {
        return Ok(Status::Good);
    }
    let row = certificate::by_serial(on, authority.id(), &serial).await?;
    Ok(match row.map(|row| row.state) {
        Some(CertificateState::Issued) => Status::Good,
        // Revoked or on hold, and that stored between the two reads: the next question gets it.
        Some(
            CertificateState::Reserved | CertificateState::Suspended | CertificateState::Revoked,
        )
        | None => Status::Unknown,
    })
}

/// An authority's responder, with a new certificate if the last one is past the half of its life. Where the authority
/// can issue none, it answers itself.
///
/// # Errors
/// If a new certificate cannot be issued, or the authority's key is offline.
pub async fn responder(app: &App, authority: &Arc<Authority>) -> Result<Arc<Responder>> {
    let now = app.clock.now();
    let profile = app.profile(&ProfileName::OCSP_RESPONDER)?;
    let kept = app.ocsp.responders.of(authority.key_id());
    let mut kept = kept.lock().await;
    let current = kept.made.clone();
    let validity = current.as_ref().map(|current| current.validity());
    if let Some(responder) = current.clone()
        && !credential::is_due(validity, 2, authority, profile, now)
    {
        return Ok(responder);
    }
    let usable = current.filter(|current| current.validity().contains(now));
    if let Err(error) = kept.may_try(now) {
        return instead(usable, authority, error).await;
    }
    match new_responder(app, authority, profile).await {
        Ok(responder) => {
            kept.keep(responder.clone());
            Ok(responder)
        }
        Err(error) => {
            let error = kept.failed(error, now);
            if !matches!(error, Error::TriedInVain(_)) {
                let authority = &authority.certificate().name;
                tracing::warn!(authority, %error, "no certificate for OCSP answers can be issued");
            }
            instead(usable, authority, error).await
        }
    }
}

/// Who answers where no certificate can be issued: the responder that there is, or the authority itself.
async fn instead(
    usable: Option<Arc<Responder>>,
    authority: &Arc<Authority>,
    error: Error,
) -> Result<Arc<Responder>> {
    if let Some(usable) = usable {
        return Ok(usable);
    }
    // To read a key for each answer would take too long.
    if !authority.is_resident() {
        return Err(error);
    }
    let issuer = authority.clone();
    let responder =
        blocking(move || Responder::authority(issuer.signer()?, issuer.certificate())).await?;
    Ok(Arc::new(responder))
}

async fn new_responder(
    app: &App,
    authority: &Arc<Authority>,
    profile: &Arc<Profile>,
) -> Result<Arc<Responder>> {
    // A server that starts over and over issues no more than one that runs: the authority itself can answer meanwhile.
    if authority.is_resident() {
        let (on, profile) = (app.store.reader(), &profile.name);
        if let Some(last) = certificate::last_own(on, authority.id(), profile).await? {
            issued_lately::check(profile, last, app.clock.now())?;
        }
    }
    // Nothing is put on record that the key cannot sign.
    let issuer = authority.clone();
    blocking(move || issuer.signer().map(drop)).await?;
    let algorithm = key_algorithm(authority.certificate().key.algorithm());
    let key = Signer::new(blocking(move || FileKey::generate(algorithm)).await?);
    let issued = credential::issue_own(app, authority, profile, key.public_key()).await?;
    let responder = Responder::new(key, &issued.der, issued.validity)?;
    Ok(Arc::new(responder))
}
