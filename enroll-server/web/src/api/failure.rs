//! Errors as JSON: `{"error":"<code>","message":"what happened, why, what to do next"}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use enrollment_protocol::Refusal;

use enroll_server_service::error::{Error, whole_seconds};

use crate::status::HttpError;
use crate::words::Words;

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

/// Turns failures into JSON.
pub async fn as_json(words: Words, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Failure>() {
        Some(Failure(error)) => told(words, &error),
        None => response,
    }
}

fn told(words: Words, error: &Error) -> Response {
    let status = error.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(%error, "a request failed");
    }
    let body = Refusal {
        error: error.code(),
        message: words.refusal(error).into_owned(),
    };
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(retry_after) = error.retry_after() {
        headers.insert(
            header::RETRY_AFTER,
            HeaderValue::from(whole_seconds(retry_after)),
        );
    }
    response
}
