//! How long a request's body may pause. A handler that waited in vain cannot say why, so the answer is made here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tower_http::timeout::{TimeoutBody, TimeoutError};

/// Gives a request up whose body pauses for longer than this: 408.
pub async fn limit(State(pause): State<Duration>, request: Request, next: Next) -> Response {
    let is_late = Arc::new(AtomicBool::new(false));
    let noted = is_late.clone();
    let request = request.map(|body| {
        Body::new(TimeoutBody::new(pause, body).map_err(move |error| {
            if error.is::<TimeoutError>() {
                noted.store(true, Ordering::Relaxed);
            }
            error
        }))
    });
    let response = next.run(request).await;
    if !is_late.load(Ordering::Relaxed) {
        return response;
    }
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (StatusCode::REQUEST_TIMEOUT, close).into_response()
}
