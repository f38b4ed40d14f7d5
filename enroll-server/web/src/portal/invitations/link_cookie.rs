//! The cookie that lets the browser which made an invitation show its link for a while: the server keeps only a hash.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, SameSite};

use enroll_server_model::random::Token;

/// The cookie's name.
pub const NAME: &str = "__Secure-invitation";

/// How long the browser that made an invitation can show its link.
const LINK_SHOWN: Duration = Duration::from_secs(60 * 60);

/// The cookie for the invitation whose page is at `path`.
#[must_use]
pub fn new(path: &str, token: &Token) -> Cookie<'static> {
    let shown = time::Duration::try_from(LINK_SHOWN).unwrap_or(time::Duration::HOUR);
    Cookie::build((NAME, token.reveal().to_owned()))
        .path(path.to_owned())
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(shown)
        .build()
}
