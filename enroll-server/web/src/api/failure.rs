//! Errors as phones are told of them: `{"error":"<code>","message":"what happened, why, what to do next"}`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use enrollment_protocol::{Code, Refusal};

use enroll_server_service::error::{Error, whole_seconds};

use super::denied::Denied;
use crate::status::HttpError;
use crate::words::Words;

/// Most characters of an error in the log.
const LONGEST_LOGGED: usize = 300;

/// An error on its way out.
#[derive(Clone, Debug)]
pub struct Failure(Arc<Error>);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Arc::new(error.into()))
    }
}

impl Failure {
    /// The answer to what a service refused or failed at.
    #[must_use]
    pub fn response(error: Error) -> Response {
        Self::from(error).into_response()
    }
}

/// The status alone; [`as_json`] makes the body, because that knows the language of the request.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.0.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error as people and programs are told of it, whatever its form.
#[derive(Debug)]
pub(super) struct Told {
    /// Its status.
    pub status: StatusCode,
    /// Its code and its words.
    pub refusal: Refusal,
    /// Which field it is about.
    pub field: Option<&'static str>,
    /// What HTTP tells besides.
    headers: HeaderMap,
}

impl Told {
    /// What an answer tells that is an error: of a service, or of what never reached a handler.
    pub(super) fn of(words: Words, response: &mut Response) -> Option<Self> {
        let status = response.status();
        if let Some(Failure(error)) = response.extensions_mut().remove::<Failure>() {
            return Some(told(words, &error));
        }
        if !status.is_client_error() && !status.is_server_error() {
            return None;
        }
        let mut headers = HeaderMap::new();
        for name in [header::ALLOW, header::WWW_AUTHENTICATE] {
            if let Some(value) = response.headers_mut().remove(&name) {
                headers.insert(name, value);
            }
        }
        let denied = response.extensions_mut().remove::<Denied>();
        let unreadable = response.extensions_mut().remove::<Unreadable>();
        Some(Self {
            status,
            refusal: match (denied, unreadable) {
                (Some(denied), _) => of_denied(words, denied),
                (None, Some(unreadable)) => of_unreadable(words, &unreadable),
                (None, None) => of_status(words, status),
            },
            field: None,
            headers,
        })
    }

    /// The answer with this body.
    pub(super) fn with(mut self, body: impl IntoResponse) -> Response {
        let no_store = HeaderValue::from_static("no-store");
        self.headers.insert(header::CACHE_CONTROL, no_store);
        let mut response = (self.status, body).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

/// Why a request cannot be read.
#[derive(Clone, Debug)]
pub(super) enum Unreadable {
    /// In the words of what read it.
    Parser(String),
    /// A page has not as many rows as it asks for.
    Limit {
        /// How many it has at most.
        most: u16,
    },
    /// It asks for a page that does not follow on one of the list.
    After,
    /// A parameter has another word than those that it takes.
    Word(&'static str),
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        let mut response = StatusCode::BAD_REQUEST.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns failures, and errors that never reached a handler, into JSON.
pub async fn as_json(words: Words, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match Told::of(words, &mut response) {
        None => response,
        Some(told) => {
            let body = Json(told.refusal.clone());
            told.with(body)
        }
    }
}

/// The same without a body, for whoever would take it for something else than an error.
pub async fn as_status(words: Words, request: Request, next: Next) -> Response {
    let mut response = as_json(words, request, next).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    }
    response
}

fn told(words: Words, error: &Error) -> Told {
    let status = error.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR || matches!(error, Error::Unavailable(_)) {
        tracing::error!(%error, "a request failed");
    } else {
        // What exactly is wrong with it: the answer has no words of a parser.
        tracing::info!(error = shortened(error), "a request is refused");
    }
    let mut headers = HeaderMap::new();
    if let Some(retry_after) = error.retry_after() {
        let seconds = HeaderValue::from(whole_seconds(retry_after));
        headers.insert(header::RETRY_AFTER, seconds);
    }
    Told {
        status,
        refusal: Refusal {
            error: error.code(),
            message: words.refusal(error).into_owned(),
        },
        field: match error {
            Error::InvalidField { field, .. } => Some(field.name()),
            _ => None,
        },
        headers,
    }
}

/// What an error says, as far as a line of the log takes it: a client decides how long a part of it is.
fn shortened(error: &Error) -> String {
    error.to_string().chars().take(LONGEST_LOGGED).collect()
}

/// The body where a request cannot be read.
fn of_unreadable(words: Words, unreadable: &Unreadable) -> Refusal {
    let message = match unreadable {
        Unreadable::Parser(why) => words.request_not_json(why),
        Unreadable::Limit { most } => words.request_limit(usize::from(*most)),
        Unreadable::After => words.request_after(),
        Unreadable::Word(name) => words.request_word(*name),
    };
    Refusal {
        error: Code::RequestInvalid,
        message: message.into_owned(),
    }
}

/// The body where whoever asks may not.
fn of_denied(words: Words, denied: Denied) -> Refusal {
    let (error, message) = match denied {
        Denied::NoToken => ("unauthorized", words.request_no_token()),
        Denied::NotWorking => ("unauthorized", words.request_token_not_working()),
        Denied::NoScope(scope) => ("forbidden", words.request_no_scope(scope.as_str())),
    };
    Refusal {
        error: Code::Other(error.to_owned()),
        message: message.into_owned(),
    }
}

/// The body where there is no more than a status: of axum, of a guard, or of what surrounds the routes.
fn of_status(words: Words, status: StatusCode) -> Refusal {
    let other = |word: &str| Code::Other(word.to_owned());
    let (error, message) = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (other("unsupported_media_type"), words.request_media_type())
        }
        StatusCode::METHOD_NOT_ALLOWED => (other("method_not_allowed"), words.request_method()),
        StatusCode::NOT_FOUND => (other("not_found"), words.request_nowhere()),
        StatusCode::REQUEST_TIMEOUT => (other("timeout"), words.request_body_timed_out()),
        StatusCode::SERVICE_UNAVAILABLE => (Code::Internal, words.request_timed_out()),
        _ if status.is_client_error() => (Code::RequestInvalid, words.request_unreadable()),
        _ => (Code::Internal, words.refused_internal()),
    };
    Refusal {
        error,
        message: message.into_owned(),
    }
}
