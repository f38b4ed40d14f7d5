//! Whose certificates these are: fetched without trust, and held against the invitation's fingerprint.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use serde::Serialize;

use enroll_server_service::App;

use super::protocol::PROTOCOL;

#[derive(Serialize)]
pub struct Authority {
    protocol: u64,
    root: String,
    issuing: String,
}

pub async fn get(State(app): State<Arc<App>>) -> Json<Authority> {
    Json(Authority {
        protocol: PROTOCOL,
        root: BASE64.encode(&app.authority.root.der),
        issuing: BASE64.encode(&app.authority.issuing.der),
    })
}
