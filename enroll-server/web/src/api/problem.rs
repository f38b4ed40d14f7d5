//! Errors as programs are told of them: problem details (RFC 9457).

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use enrollment_protocol::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::Told;
use crate::request_id::RequestId;
use crate::words::Words;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status and the code say what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, why, and what to do next, for people.
    detail: String,
    /// What it is, for programs: `not_found`, `conflict`, `request_invalid`, ...
    code: String,
    /// The field of the request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The id of the request, which the server's log has too.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// Turns failures, and errors that never reached a handler, into problem details.
pub async fn as_problem(words: Words, request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let Some(told) = Told::of(words, &mut response) else {
        let no_store = HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, no_store);
        return response;
    };
    let Refusal { error, message } = told.refusal.clone();
    let problem = Problem {
        kind: "about:blank",
        title: told.status.canonical_reason().unwrap_or_default(),
        status: told.status.as_u16(),
        detail: message,
        code: error.as_str().to_owned(),
        field: told.field,
        request_id: request_id.map(|RequestId(id)| id),
    };
    let mut body = Json(problem).into_response();
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    body.headers_mut().insert(header::CONTENT_TYPE, media_type);
    told.with(body)
}
