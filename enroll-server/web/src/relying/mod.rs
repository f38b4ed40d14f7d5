//! What relying parties fetch over plain HTTP, without trust: CRLs, OCSP answers, the authorities' certificates, and
//! whether the server is well. Everything here is signed or public.

mod download;
mod ocsp;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use download::Download;

use enroll_server_model::IssuerRole;
use enroll_server_service::error::Error;
use enroll_server_service::ocsp::LONGEST_REQUEST;
use enroll_server_service::{App, crl};

use crate::status::HttpError;

/// The routes of the plain HTTP listener.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/crl/{file}", get(revocation_list))
        .route("/ca/{file}", get(authority_certificate))
        .route("/ocsp", post(ocsp::by_post))
        .route("/ocsp/{*request}", get(ocsp::by_get))
        .route("/health", get(health))
        .layer(DefaultBodyLimit::max(LONGEST_REQUEST))
        .fallback(|| async { StatusCode::NOT_FOUND })
}

async fn revocation_list(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let role = match file.as_str() {
        "issuing.crl" => IssuerRole::Issuing,
        "root.crl" => IssuerRole::Root,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match crl::current(&app, role).await {
        Ok(crl) => Download {
            body: crl.body.clone(),
            content_type: "application/pkix-crl",
            modified: Some(crl.this_update),
        }
        .into_response(&headers),
        Err(error) => failure(&error),
    }
}

async fn authority_certificate(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let certificate = match file.as_str() {
        "issuing.cer" => &app.authority.issuing,
        "root.cer" => &app.authority.root,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    Download {
        body: certificate.der.clone(),
        content_type: "application/pkix-cert",
        modified: None,
    }
    .into_response(&headers)
}

async fn health(State(app): State<Arc<App>>) -> Response {
    match app.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => failure(&error),
    }
}

fn failure(error: &Error) -> Response {
    tracing::error!(%error, "a relying party got no answer");
    (error.status(), "the server failed\n").into_response()
}
