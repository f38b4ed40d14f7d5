//! The authority that an address names.

use std::sync::Arc;

use enroll_server_service::App;
use enroll_server_service::relying::{Authority, KeyId};

/// The authority with this key.
pub(super) fn authority<'a>(app: &'a App, key: &str) -> Option<&'a Arc<Authority>> {
    app.authorities.by_key_id(key.parse::<KeyId>().ok()?)
}
