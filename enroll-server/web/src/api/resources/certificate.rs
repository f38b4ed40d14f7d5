//! Certificates of phones.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use enroll_server_model::{Slot, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{
    self, CERTIFICATE_FILTERS, CertificateFilter, CertificateSort, CertificateSummary, Sorting,
};
use enroll_server_service::revocation::{self, Subject};

use super::reason::Revocation;
use crate::api::body::{Asked, Body};
use crate::api::failure::{Failure, Unreadable};
use crate::api::guard::Caller;
use crate::api::page::{Listed, Paging};
use crate::api::schema;
use crate::{pem, serial};

/// A certificate of a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Certificate {
    /// The id.
    id: String,
    /// Whose it is: their id.
    person_id: Option<String>,
    /// On which phone it is: its id.
    phone_id: Option<String>,
    /// The slot of the card.
    #[schema(schema_with = schema::slot)]
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<&'static str>,
    /// The serial number in hexadecimal.
    serial: String,
    /// How far it has come.
    #[schema(schema_with = schema::certificate_state)]
    state: &'static str,
    /// The name of its profile.
    profile: String,
    /// The algorithm of its key.
    #[schema(schema_with = schema::algorithm)]
    algorithm: &'static str,
    /// Its subject (RFC 4514).
    subject: String,
    /// From when it is valid.
    #[schema(format = DateTime)]
    not_before: String,
    /// Until when it is valid.
    #[schema(format = DateTime)]
    not_after: String,
    /// The SHA-256 of its DER in hexadecimal, once it is signed.
    fingerprint: Option<String>,
}

impl From<query::Certificate> for Certificate {
    fn from(row: query::Certificate) -> Self {
        Self {
            id: row.id,
            person_id: row.holder_id,
            phone_id: row.phone_id,
            slot: row.slot.map(Slot::as_str),
            serial: row.serial,
            state: row.state.as_str(),
            profile: row.profile.to_string(),
            algorithm: row.algorithm.as_str(),
            subject: row.subject,
            not_before: row.not_before.rfc3339(),
            not_after: row.not_after.rfc3339(),
            fingerprint: row.fingerprint,
        }
    }
}

impl From<CertificateSummary> for Certificate {
    fn from(summary: CertificateSummary) -> Self {
        summary.certificate.into()
    }
}

/// A certificate with its bytes.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeCertificate {
    /// The certificate.
    certificate: Certificate,
    /// As PEM (RFC 7468); null until it is signed.
    pem: Option<String>,
    /// When it was revoked, or put on hold.
    #[schema(format = DateTime)]
    revoked: Option<String>,
    /// Why.
    reason: Option<&'static str>,
}

/// Which certificates are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichCertificates {
    /// Words that are all found in the names of its holder, or its serial number, or its fingerprint.
    #[serde(default)]
    q: String,
    /// Those of which this is true; all without it.
    #[param(schema_with = filters)]
    filter: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

fn filters() -> utoipa::openapi::schema::Object {
    schema::one_of(CERTIFICATE_FILTERS)
}

/// Certificates of phones, newest first
///
/// With a filter for what ends or has ended, those that end last come first; of those that end soon the next to end.
#[utoipa::path(get, path = "/api/v1/certificates", tag = "certificates", operation_id = "list_certificates",
    params(WhichCertificates), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Certificate>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichCertificates>,
) -> Result<Json<Listed<Certificate>>, Response> {
    let filter = match which.filter.as_deref() {
        None => CertificateFilter::All,
        Some(word) => query::certificate_filter(word, app.clock.now())
            .ok_or_else(|| Unreadable::Word("filter").into_response())?,
    };
    let paging = Paging::read(
        "certificates",
        which.filter.as_deref(),
        which.after.as_deref(),
        which.limit,
    )
    .map_err(IntoResponse::into_response)?;
    let by = filter.sorts().first().copied();
    let sorting = Sorting {
        by: by.unwrap_or(CertificateSort::Recorded),
        descending: !matches!(filter, CertificateFilter::EndingBefore(_)),
    };
    let numbers = serial::meant(&which.q);
    let found = query::certificates(
        &app,
        filter,
        &which.q,
        &numbers,
        sorting,
        paging.wanted(&which.q),
    )
    .await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(paging.listed(found, Certificate::from)))
}

/// A certificate with its bytes
#[utoipa::path(get, path = "/api/v1/certificates/{id}", tag = "certificates", operation_id = "show_certificate",
    params(("id" = String, Path, description = "The certificate's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The certificate", body = WholeCertificate)))]
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<WholeCertificate>, Response> {
    Ok(Json(whole(&app, &id).await?))
}

async fn whole(app: &App, id: &str) -> Result<WholeCertificate, Response> {
    let found = query::certificate_record(app, id).await;
    let found = found.map_err(Failure::response)?;
    let pem = found.der.map(|der| pem::certificate(&der)).transpose();
    let pem = pem.map_err(IntoResponse::into_response)?;
    let revoked_at: Option<Timestamp> = found.revocation.as_ref().map(|one| one.revoked_at);
    Ok(WholeCertificate {
        certificate: found.summary.into(),
        pem,
        revoked: revoked_at.map(Timestamp::rfc3339),
        reason: found.revocation.map(|one| one.reason.as_str()),
    })
}

/// Revoke a certificate
///
/// For good, and no other of its phone.
#[utoipa::path(post, path = "/api/v1/certificates/{id}/revoke", tag = "certificates", operation_id = "revoke_certificate",
    params(("id" = String, Path, description = "The certificate's id")), security(("token" = ["revoke"])),
    request_body = Revocation,
    responses((status = 200, description = "The certificate as it is now", body = WholeCertificate)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Revocation>,
) -> Result<Json<WholeCertificate>, Response> {
    // The server's own certificates are nobody's to revoke here.
    let known = query::certificate_to_revoke(&app, &id).await;
    known.map_err(Failure::response)?;
    let ending = says
        .of(Subject::Certificate(id.clone()))
        .map_err(Failure::response)?;
    let ended = revocation::end(&app, ending, &caller.actor()).await;
    ended.map_err(Failure::response)?;
    Ok(Json(whole(&app, &id).await?))
}
