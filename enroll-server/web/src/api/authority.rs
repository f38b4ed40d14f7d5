//! Whose certificates these are: fetched without trust, and held against the invitation's fingerprint.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use enrollment_protocol::authority::Authority;
use enrollment_protocol::{Der, Version};

use enroll_server_service::App;

pub async fn get(State(app): State<Arc<App>>) -> Json<Authority> {
    Json(Authority {
        protocol: Version::CURRENT,
        root: Der(app.anchor().der.clone()),
        issuing: Der(app.issuing().der.clone()),
    })
}
