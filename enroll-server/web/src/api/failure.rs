//! Errors as JSON: `{"error":"<code>","message":"what happened, why, what to do next"}`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use enrollment_protocol::{Code, Refusal};

use enroll_server_service::error::{Error, whole_seconds};

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

/// The status alone; [`as_json`] makes the body, because that knows the language of the request.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.0.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns failures, and errors that never reached a handler, into JSON.
pub async fn as_json(words: Words, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(Failure(error)) = response.extensions_mut().remove::<Failure>() {
        return told(words, &error);
    }
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let mut answer = answer(status, of_status(words, status));
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
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

fn told(words: Words, error: &Error) -> Response {
    let status = error.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR || matches!(error, Error::Unavailable(_)) {
        tracing::error!(%error, "a request failed");
    } else {
        // What exactly is wrong with it: the answer has no words of a parser.
        tracing::info!(error = shortened(error), "a request is refused");
    }
    let body = Refusal {
        error: error.code(),
        message: words.refusal(error).into_owned(),
    };
    let mut response = answer(status, body);
    if let Some(retry_after) = error.retry_after() {
        response.headers_mut().insert(
            header::RETRY_AFTER,
            HeaderValue::from(whole_seconds(retry_after)),
        );
    }
    response
}

/// What an error says, as far as a line of the log takes it: a client decides how long a part of it is.
fn shortened(error: &Error) -> String {
    error.to_string().chars().take(LONGEST_LOGGED).collect()
}

/// The body where there is no more than a status: of axum, of a guard, or of what surrounds the routes.
fn of_status(words: Words, status: StatusCode) -> Refusal {
    let other = |word: &str| Code::Other(word.to_owned());
    let (error, message) = match status {
        StatusCode::UNAUTHORIZED => (other("unauthorized"), words.request_not_signed_in()),
        StatusCode::FORBIDDEN => (other("forbidden"), words.request_forbidden()),
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

fn answer(status: StatusCode, body: Refusal) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (status, no_store, Json(body)).into_response()
}
