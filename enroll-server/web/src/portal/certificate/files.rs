//! Certificates as files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;

use enroll_server_model::Slot;
use enroll_server_service::App;
use enroll_server_service::query::{self, CertificateFile};

use crate::pem;
use crate::portal::guard::SignedIn;
use crate::portal::page::Answer;
use crate::portal::problem::Problem;

/// A certificate as PEM.
pub(super) fn pem_text(der: &[u8]) -> Result<String, Problem> {
    pem::certificate(der).map_err(|_| Problem::internal())
}

/// A download; its name says whose it is in characters that every system takes.
fn file(
    found: &CertificateFile,
    ending: &str,
    content_type: &'static str,
    body: Vec<u8>,
) -> Answer {
    let holder: String = found
        .summary
        .holder_username
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
        .collect();
    let slot = found
        .summary
        .certificate
        .slot
        .map_or("certificate", Slot::as_str);
    let serial = found
        .summary
        .certificate
        .serial
        .get(..8)
        .unwrap_or_default();
    let disposition = format!("attachment; filename=\"{holder}-{slot}-{serial}{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
    ];
    Ok((headers, body).into_response())
}

/// `GET /certificates/{id}/certificate.pem`
pub async fn pem(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<String>) -> Answer {
    let found = query::certificate_file(&app, &id).await?;
    let text = pem_text(&found.der)?;
    file(&found, ".pem", "application/x-pem-file", text.into_bytes())
}

/// `GET /certificates/{id}/certificate.cer`
pub async fn der_file(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<String>) -> Answer {
    let found = query::certificate_file(&app, &id).await?;
    let body = found.der.clone();
    file(&found, ".cer", "application/pkix-cert", body)
}

/// `GET /certificates/{id}/chain.pem`: the certificate, the issuing authority, the root.
pub async fn chain(State(app): State<Arc<App>>, _: SignedIn, Path(id): Path<String>) -> Answer {
    let found = query::certificate_file(&app, &id).await?;
    let mut text = pem_text(&found.der)?;
    for issuer in app.issuers(&found.summary.certificate.issuer_id) {
        text.push_str(&pem_text(&issuer.der)?);
    }
    file(
        &found,
        "-chain.pem",
        "application/pem-certificate-chain",
        text.into_bytes(),
    )
}
