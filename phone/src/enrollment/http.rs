//! The way to the server as a trait: a phone's system has TLS of its own, a program brings it.

use std::time::Duration;

use thiserror::Error;
use zeroize::Zeroizing;

/// The maximum number of bytes of an answer: four certificates and two authorities are about 12,000.
pub const ANSWER_MAX: u64 = 1024 * 1024;

/// How far the server's TLS certificate is trusted.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// Not at all: what the server sends is checked otherwise.
    Nobody,
    /// It must chain to this root (DER) and to no other, and name the host.
    Root(&'a [u8]),
}

/// A request.
#[derive(Debug)]
pub struct HttpRequest<'a> {
    /// `https://host:port/path`.
    pub address: &'a str,
    /// How far the server is trusted.
    pub trust: Trust<'a>,
    /// For POST: the body, JSON. Without one it is GET.
    pub body: Option<Zeroizing<Vec<u8>>>,
}

/// An answer of any status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The seconds of `Retry-After`, where it is there in that form.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HttpError {
    /// The server cannot be reached, or its answer breaks off or takes too long.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is longer than [`ANSWER_MAX`].
    #[error("the answer has more than {ANSWER_MAX} bytes")]
    TooLong,
    /// Its TLS certificate does not fulfil [`Trust::Root`].
    #[error("{0}")]
    Untrusted(String),
}

/// Sends requests: over TLS alone, without following redirections, with answers of at most [`ANSWER_MAX`] bytes, and
/// within a minute.
pub trait Http {
    /// Sends one request.
    ///
    /// # Errors
    /// [`HttpError`] where no answer came. A status other than 200 is not an error here.
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError>;

    /// Waits before a request is repeated.
    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
