//! The address that a request came from.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::Extensions;

/// The address as the audit trail names it; empty if the listener does not tell.
#[must_use]
pub fn of(request: &Extensions) -> String {
    request
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical().to_string())
        .unwrap_or_default()
}
