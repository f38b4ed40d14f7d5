//! The way to the enrollment server: HTTPS that must lead to the authority which the invitation names.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use enrollment_protocol::authority::{self, Authority};
use enrollment_protocol::enrollment::{self, EnrollmentAnswer, EnrollmentRequest};
use enrollment_protocol::offer::{self, Offer, OfferRequest};
use enrollment_protocol::{Code, Fingerprint, Invitation, Refusal, TokenText, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// Time for one request; the server signs four certificates in it.
const PATIENCE: Duration = Duration::from_secs(60);
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);
/// Most bytes of an answer: four certificates and two authorities are about 12,000.
const ANSWER_MAX: u64 = 1024 * 1024;

/// Why the server did not do what was asked.
#[derive(Debug, Error)]
pub enum ServerError {
    /// It cannot be reached.
    #[error(
        "the server {server} cannot be reached ({reason}): is the link right, is there a network, is the server running?"
    )]
    Unreachable {
        /// `https://host:port`.
        server: String,
        /// What the network says.
        reason: String,
    },
    /// It is of another authority than the invitation names.
    #[error(
        "this server is not the one that the invitation names: {server} shows the authority {found}, the invitation names {expected}. Nothing was sent to it. If the link was copied whole, somebody may be between you and the server: ask whoever invited you"
    )]
    OtherAuthority {
        /// `https://host:port`.
        server: String,
        /// The fingerprint of the root certificate that it shows.
        found: Fingerprint,
        /// The fingerprint in the invitation.
        expected: Fingerprint,
    },
    /// Its TLS certificate does not lead to that authority.
    #[error(
        "this server is not the one that the invitation names: the TLS certificate of {server} is not of the invitation's authority ({reason}). The invitation was not sent to it"
    )]
    Untrusted {
        /// `https://host:port`.
        server: String,
        /// What TLS says.
        reason: String,
    },
    /// It refuses.
    #[error("{message}")]
    Refused {
        /// What the refusal is, for programs.
        code: Code,
        /// What the server says, for people.
        message: String,
    },
    /// It speaks another version of the protocol.
    #[error(
        "the server speaks another version of the enrollment protocol than this phone (version {current}): {message}. Use a newer tapcard-phone",
        current = Version::CURRENT
    )]
    OtherProtocol {
        /// What the server says.
        message: String,
    },
    /// It wants the phone to wait.
    #[error("too many attempts: try again in {seconds} seconds")]
    RateLimited {
        /// How long.
        seconds: u64,
    },
    /// It failed, or what answers is no enrollment server.
    #[error("{server} gave an answer that is none of the enrollment protocol ({reason})")]
    Malformed {
        /// `https://host:port`.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A server that has proven to be the one that the invitation names.
pub struct Server {
    agent: Agent,
    base: String,
}

/// How far a server's TLS certificate is trusted.
enum Trust<'a> {
    /// Not at all: what it sends is checked otherwise.
    Nobody,
    /// It must chain to this root, and name the host.
    Root(&'a [u8]),
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

impl Server {
    /// Asks the server for its authority, which must be the invitation's, and trusts that one alone from then on.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn find(invitation: &Invitation) -> Result<Self, ServerError> {
        let base = invitation.server();
        let first = Self {
            agent: agent(Trust::Nobody),
            base: base.clone(),
        };
        let address = format!("{base}{}", authority::PATH);
        let response = first.agent.get(&address).call();
        let authority: Authority = first.read(response)?;
        let found = Fingerprint::of(&authority.root.0);
        if found != invitation.fingerprint() {
            return Err(ServerError::OtherAuthority {
                server: base,
                found,
                expected: invitation.fingerprint(),
            });
        }
        Ok(Self {
            agent: agent(Trust::Root(&authority.root.0)),
            base,
        })
    }

    /// What the invitation offers. Consumes nothing.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn offer(&self, invitation: &Invitation) -> Result<Offer, ServerError> {
        let request = OfferRequest {
            protocol: Version::CURRENT,
            invitation: TokenText::from(invitation.token()),
        };
        self.post(offer::PATH, &request)
    }

    /// Uses the invitation. The same request again gives the same answer.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn enroll(&self, request: &EnrollmentRequest) -> Result<EnrollmentAnswer, ServerError> {
        self.post(enrollment::PATH, request)
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ServerError> {
        let address = format!("{}{path}", self.base);
        let response = self.agent.post(&address).send_json(body);
        self.read(response)
    }

    fn read<T: DeserializeOwned>(
        &self,
        response: Result<Response<Body>, ureq::Error>,
    ) -> Result<T, ServerError> {
        let mut response = response.map_err(|error| self.failed(&error))?;
        let status = response.status();
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
            .map_err(|error| self.failed(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| self.malformed(&error));
        }
        let Ok(Refusal { error, message }) = serde_json::from_slice(&body) else {
            return Err(self.malformed(&format!("status {status}")));
        };
        Err(match (error, retry_after) {
            (Code::RateLimited, Some(seconds)) => ServerError::RateLimited { seconds },
            (Code::ProtocolUnsupported, _) => ServerError::OtherProtocol { message },
            (code, _) => ServerError::Refused { code, message },
        })
    }

    fn malformed(&self, reason: &impl ToString) -> ServerError {
        ServerError::Malformed {
            server: self.base.clone(),
            reason: reason.to_string(),
        }
    }

    fn failed(&self, error: &ureq::Error) -> ServerError {
        let server = self.base.clone();
        if let Some(reason) = tls_failure(error) {
            return ServerError::Untrusted { server, reason };
        }
        ServerError::Unreachable {
            server,
            reason: error.to_string(),
        }
    }
}

/// What TLS says of the server's certificate, where that is why a request failed.
fn tls_failure(error: &ureq::Error) -> Option<String> {
    let certificate = |error: &rustls::Error| match error {
        rustls::Error::InvalidCertificate(reason) => Some(reason.to_string()),
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
