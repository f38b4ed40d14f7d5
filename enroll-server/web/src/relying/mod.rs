//! What relying parties fetch over plain HTTP, without trust: CRLs, OCSP answers, the authorities' certificates, and
//! whether the server is well. Everything here is signed or public.

mod authority;
mod download;
pub(crate) mod ocsp;
use std::sync::Arc;

use authority::authority;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use download::{Download, Modified};

use enroll_server_model::SharedFile;
use enroll_server_service::error::{Error, whole_seconds};
use enroll_server_service::relying::{Authority, Shard};
use enroll_server_service::{App, crl, health};

use crate::status::HttpError;

/// An authority has one shard, with the number 0.
fn is_shard(file: &str) -> bool {
    file.strip_suffix(".crl")
        .is_some_and(|number| number == Shard::SOLE.0.to_string())
}

pub(crate) async fn revocation_list(
    State(app): State<Arc<App>>,
    Path((key, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(authority) = authority(&app, &key).filter(|_| is_shard(&file)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match crl::current(&app, authority).await {
        Ok(crl) => Download {
            file: crl.body.clone(),
            content_type: "application/pkix-crl",
            // Each server counts by itself since when it has had a list.
            modified: if app.is_alone() {
                Modified::Sole(crl.since())
            } else {
                Modified::OneOf(crl.since())
            },
        }
        .into_response(&headers, app.clock.now()),
        Err(error) => failure(&error),
    }
}

pub(crate) async fn authority_certificate(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = file.strip_suffix(".cer").unwrap_or_default();
    let Some(authority) = authority(&app, key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let sha256 = authority.certificate().fingerprint;
    let bytes = Bytes::from_owner(CertificateOf(authority.clone()));
    Download {
        file: SharedFile::with_digest(bytes, sha256),
        content_type: "application/pkix-cert",
        modified: Modified::Sole(authority.certificate().not_before),
    }
    .into_response(&headers, app.clock.now())
}

/// An authority's certificate, DER, as it is in memory already.
struct CertificateOf(Arc<Authority>);

impl AsRef<[u8]> for CertificateOf {
    fn as_ref(&self) -> &[u8] {
        &self.0.certificate().der
    }
}

pub(crate) async fn health(State(app): State<Arc<App>>) -> Response {
    let report = health::report(&app).await;
    let status = if report.is_well() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (status, no_store, report.to_string()).into_response()
}

/// No answer: a status, and when to ask again.
pub(crate) fn failure(error: &Error) -> Response {
    // What failed a moment ago was said then.
    if !matches!(error, Error::TriedInVain(_)) {
        tracing::error!(%error, "a relying party got no answer");
    }
    let mut response = error.status().into_response();
    if let Some(wait) = error.retry_after() {
        let seconds = HeaderValue::from(whole_seconds(wait));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}
