//! The protocol's requests to the server, over HTTPS that must lead to the authority which the invitation names.

use std::time::Duration;

use enrollment_protocol::authority::{self, Authority};
use enrollment_protocol::check_in::{self, Challenge, ChallengeRequest, Signed};
use enrollment_protocol::enrollment::{self, EnrollmentAnswer, EnrollmentRequest};
use enrollment_protocol::offer::{self, Offer, OfferRequest};
use enrollment_protocol::version::{self, ReadError};
use enrollment_protocol::{Code, Fingerprint, Invitation, Refusal, TokenText, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zeroize::Zeroizing;

use super::http::{Http, HttpError, HttpRequest, Trust};
use super::text::cut;

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
    /// It is at work on the same request, and was so at each repetition.
    #[error("{message} It was asked again for a while: run this again later, it goes on")]
    Busy {
        /// After how many seconds it wants to be asked again.
        seconds: u64,
        /// What the server says, for people.
        message: String,
    },
    /// It failed, or what answers is not an enrollment server.
    #[error("{server} gave an answer that does not belong to the enrollment protocol ({reason})")]
    Malformed {
        /// `https://host:port`.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// How often a request is repeated while the server is at work on it.
const REPETITIONS: usize = 20;
/// The longest pause before that, in seconds, whatever the server says.
const PAUSE_MAX: u64 = 10;

/// Sends requests to a server that has proved to be the one that the invitation names.
pub(super) struct Client<'a> {
    http: &'a dyn Http,
    base: String,
    /// The root that it must chain to, once that is known.
    root: Option<Vec<u8>>,
}

impl<'a> Client<'a> {
    /// Asks the server for its authority, which must be the invitation's, and trusts that one alone from then on.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn connect(http: &'a dyn Http, invitation: &Invitation) -> Result<Self, ServerError> {
        let base = invitation.server();
        let first = Self {
            http,
            base: base.clone(),
            root: None,
        };
        let address = format!("{base}{}", authority::PATH);
        let authority: Authority = first.send(&address, None)?;
        let found = Fingerprint::of(&authority.root.0);
        if found != invitation.fingerprint() {
            return Err(ServerError::OtherAuthority {
                server: base,
                found,
                expected: invitation.fingerprint(),
            });
        }
        Ok(Self {
            http,
            base,
            root: Some(authority.root.0),
        })
    }

    /// A server whose root is known from the enrollment: it is trusted alone.
    pub fn known(http: &'a dyn Http, base: &str, root: &[u8]) -> Self {
        Self {
            http,
            base: base.to_owned(),
            root: Some(root.to_vec()),
        }
    }

    /// A challenge for a check-in.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn challenge(&self, phone: &str) -> Result<String, ServerError> {
        let request = ChallengeRequest {
            protocol: Version::CURRENT,
            phone: phone.to_owned(),
        };
        let answer: Challenge = self.post(check_in::CHALLENGE_PATH, &request)?;
        Ok(answer.challenge)
    }

    /// Sends a message of a check-in.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn send_signed<T: DeserializeOwned>(
        &self,
        path: &str,
        signed: &Signed,
    ) -> Result<T, ServerError> {
        self.post(path, signed)
    }

    /// The root that the server has proved to be under, DER.
    pub fn root(&self) -> &[u8] {
        self.root.as_deref().unwrap_or_default()
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
        let body = serde_json::to_vec(body).map_err(|error| self.malformed(&error))?;
        let body = Zeroizing::new(body);
        for _ in 0..REPETITIONS {
            match self.send(&address, Some(body.clone())) {
                Err(ServerError::Busy { seconds, .. }) => {
                    self.http.wait(Duration::from_secs(seconds.min(PAUSE_MAX)));
                }
                done => return done,
            }
        }
        self.send(&address, Some(body))
    }

    fn send<T: DeserializeOwned>(
        &self,
        address: &str,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<T, ServerError> {
        let trust = self.root.as_deref().map_or(Trust::Nobody, Trust::Root);
        let request = HttpRequest {
            address,
            trust,
            body,
        };
        let response = self
            .http
            .send(&request)
            .map_err(|error| self.failed(error))?;
        if (200..300).contains(&response.status) {
            return version::read(&response.body).map_err(|error| match error {
                ReadError::OtherVersion(_) => ServerError::OtherProtocol {
                    message: format!("its answer cannot be used: {error}"),
                },
                ReadError::Malformed(error) => self.malformed(&error),
            });
        }
        let Ok(Refusal { error, message }) = serde_json::from_slice(&response.body) else {
            return Err(self.malformed(&format!("status {}", response.status)));
        };
        let message = cut(&message);
        Err(match (error, response.retry_after) {
            (Code::RateLimited, Some(seconds)) => ServerError::RateLimited { seconds },
            (Code::Busy, seconds) => ServerError::Busy {
                seconds: seconds.unwrap_or(1),
                message,
            },
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

    fn failed(&self, error: HttpError) -> ServerError {
        let server = self.base.clone();
        match error {
            HttpError::Untrusted(reason) => ServerError::Untrusted { server, reason },
            HttpError::Unreachable(reason) => ServerError::Unreachable { server, reason },
            HttpError::TooLong => self.malformed(&error),
        }
    }
}
