//! The id of a request: in its answer's `x-request-id` header, in the log, and on error pages.

use axum::http::HeaderName;

/// The header that names a request, in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);
