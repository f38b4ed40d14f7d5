//! HTTPS for the enrollment client.

#[cfg(test)]
mod tests;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::CertificateError;
use tapcard_phone::enrollment::http::{
    ANSWER_MAX, Http, HttpError, HttpRequest, HttpResponse, Trust,
};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Time for one request; the server signs four certificates in it.
const PATIENCE: Duration = Duration::from_secs(60);
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);

/// TLS by rustls. Requests to one server share a connection while it stays open, those under different [`Trust`] never.
#[derive(Debug)]
pub struct Https {
    unverified: Agent,
    /// The agent of the latest root, with that root.
    verified: Mutex<Option<(Vec<u8>, Agent)>>,
}

impl Https {
    /// No connection is open yet.
    pub fn new() -> Self {
        Self {
            unverified: agent(Trust::Nobody),
            verified: Mutex::default(),
        }
    }

    /// The agent whose connections are trusted like this.
    fn agent(&self, trust: Trust<'_>) -> Agent {
        let Trust::Root(root) = trust else {
            return self.unverified.clone();
        };
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        match &*verified {
            Some((known, agent)) if known == root => agent.clone(),
            Some(_) | None => {
                let (_, agent) = verified.insert((root.to_vec(), agent(trust)));
                agent.clone()
            }
        }
    }
}

fn agent(trust: Trust<'_>) -> Agent {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    let tls = match trust {
        Trust::Nobody => tls.disable_verification(true),
        Trust::Root(root) => tls
            .root_certs(RootCerts::new_with_certs(&[
                Certificate::from_der(root).to_owned()
            ])),
    };
    Agent::config_builder()
        .tls_config(tls.build())
        .https_only(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("tapcard-phone/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(CONNECT_PATIENCE))
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

impl Http for Https {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let agent = self.agent(request.trust);
        let response = match &request.body {
            Some(body) => agent
                .post(request.address)
                .content_type("application/json")
                .send(body.as_slice()),
            None => agent.get(request.address).call(),
        };
        let mut response = response.map_err(|error| failed(&error))?;
        let retry_after = response
            .headers()
            .get("Retry-After")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok());
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_MAX)
            .read_to_vec()
            .map_err(|error| failed(&error))?;
        Ok(HttpResponse {
            status: response.status().as_u16(),
            retry_after,
            body,
        })
    }
}

fn failed(error: &ureq::Error) -> HttpError {
    if let ureq::Error::BodyExceedsLimit(_) = error {
        return HttpError::TooLong;
    }
    match tls_failure(error) {
        Some(reason) => HttpError::Untrusted(reason),
        None => HttpError::Unreachable(error.to_string()),
    }
}

/// A certificate that is not valid at this time may mean that this is not the time.
fn in_words(reason: &CertificateError) -> String {
    match reason {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => format!(
            "{reason}; if the clock of this machine is wrong, set it right and run this again"
        ),
        other => other.to_string(),
    }
}

/// What TLS says of the server's certificate, where that is why a request failed.
fn tls_failure(error: &ureq::Error) -> Option<String> {
    let certificate = |error: &rustls::Error| match error {
        rustls::Error::InvalidCertificate(reason) => Some(in_words(reason)),
        _ => None,
    };
    match error {
        ureq::Error::Rustls(error) => certificate(error),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .and_then(certificate),
        _ => None,
    }
}
