//! The JSON API over HTTPS: the enrollment protocol (`docs/enrollment-protocol.md`) and what sshd asks.

mod authority;
mod enrollment;
mod failure;
mod ssh;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use enroll_server_service::App;

/// The version of the enrollment protocol that is spoken here.
pub const PROTOCOL: u64 = 1;

/// Most bytes of a request: four certification requests in base64 are about 8,000.
const LONGEST_BODY: usize = 64 * 1024;

/// The routes of the API.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/authority", get(authority::get))
        .route("/api/v1/enrollment/offer", post(enrollment::offer))
        .route("/api/v1/enrollment", post(enrollment::enroll))
        .route(
            "/api/v1/ssh/authorized-keys/{username}",
            get(ssh::authorized_keys),
        )
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}
