//! Answering OCSP requests: what the database says now, signed by a responder certificate that renews itself.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use sha2::{Digest, Sha256};

use enroll_server_ca::ocsp::{AnswerTimes, CertificateId, Query, Refusal, Responder, Status};
use enroll_server_ca::profile::Profile;
use enroll_server_ca::signer::Signer;
use enroll_server_model::{CertificateState, ProfileName};
use enroll_server_store::{certificate, issuer, revocation};

use crate::app::App;
use crate::credential;
use crate::error::Result;
use crate::ocsp_cache::{Answer, Kept};
pub use enroll_server_ca::ocsp::LONGEST_REQUEST;

/// For how long an answer is valid. Windows wants at least eight hours.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// For how long the same answer is given again, if nothing was revoked.
const REUSED_FOR: Duration = Duration::from_secs(60);

/// Answers a request. Failures are answers too.
pub async fn answer(app: &App, request: &[u8]) -> Answer {
    let refusal = |refusal: Refusal| Answer {
        der: refusal.to_der().unwrap_or_default(),
        made: None,
    };
    let Ok(query) = Query::from_der(request) else {
        return refusal(Refusal::MalformedRequest);
    };
    let is_ours = |id: &CertificateId| id.is_of(&app.authority.issuing);
    if !query.certificates.iter().any(is_ours) {
        return refusal(Refusal::Unauthorized);
    }
    match signed_answer(app, request, &query).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "no OCSP answer could be made");
            refusal(Refusal::InternalError)
        }
    }
}

async fn signed_answer(app: &App, request: &[u8], query: &Query) -> Result<Answer> {
    let now = app.clock.now();
    // Before the states are read: an answer made from older ones than this epoch's is not given again.
    let epoch = issuer::revocation_epoch(app.store.reader(), &app.issuing_id).await?;
    let name: [u8; 32] = Sha256::digest(request).into();
    if !query.has_nonce()
        && let Some(kept) = app.ocsp.kept(&name)
        && kept.epoch == epoch
        && now.since(kept.made) < REUSED_FOR
    {
        return Ok(kept.answer);
    }
    let mut statuses = Vec::with_capacity(query.certificates.len());
    for id in &query.certificates {
        statuses.push(status(app, id).await?);
    }
    let responder = responder(app).await?;
    let times = AnswerTimes {
        now,
        lifetime: LIFETIME,
    };
    let answer = Answer {
        der: responder.answer(query, &statuses, times)?,
        made: Some(now),
    };
    // What is unknown may be issued the next moment, and no epoch tells of that.
    if !query.has_nonce() && !statuses.contains(&Status::Unknown) {
        let answer = answer.clone();
        app.ocsp.keep(
            name,
            Kept {
                epoch,
                made: now,
                answer,
            },
        );
    }
    Ok(answer)
}

async fn status(app: &App, id: &CertificateId) -> Result<Status> {
    if !id.is_of(&app.authority.issuing) {
        return Ok(Status::Unknown);
    }
    let serial = id.serial();
    if let Some(found) = revocation::of(app.store.reader(), &app.issuing_id, &serial).await? {
        return Ok(Status::Revoked {
            at: found.revoked_at,
            reason: found.reason,
        });
    }
    let row = certificate::by_serial(app.store.reader(), &app.issuing_id, &serial).await?;
    Ok(match row.map(|row| row.state) {
        Some(CertificateState::Issued) => Status::Good,
        // Revoked, and its revocation stored between the two reads: the next question gets it.
        Some(CertificateState::Reserved | CertificateState::Revoked) | None => Status::Unknown,
    })
}

/// The responder, with a new certificate if the last one is past the half of its life.
///
/// # Errors
/// If a new certificate cannot be issued.
pub async fn responder(app: &App) -> Result<Arc<Responder>> {
    let now = app.clock.now();
    let profile = Profile::named(ProfileName::OcspResponder);
    let mut current = app.ocsp.responder.lock().await;
    if let Some(responder) = current.as_ref()
        && responder.not_after.since(now) > profile.lifetime / 2
    {
        return Ok(responder.clone());
    }
    let key = Signer::new(
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(enroll_server_ca::CaError::from)?,
    );
    let issued = credential::issue_own(app, profile, &key.subject_public_key_info()).await?;
    let responder = Arc::new(Responder {
        key,
        certificate: issued.der,
        not_after: issued.not_after,
    });
    *current = Some(responder.clone());
    Ok(responder)
}
