//! Cookies: of this host alone, over HTTPS alone, and for no script.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use enroll_server_model::random::Token;

/// The session's cookie: the `__Host-` prefix makes browsers refuse it from any other host, path or over plain HTTP.
pub const SESSION: &str = "__Host-sid";
/// The session's token that a request brought, if it can be one.
#[must_use]
pub fn session(jar: &CookieJar) -> Option<Token> {
    jar.get(SESSION)?.value().parse().ok()
}

/// The cookie of a session that begins.
#[must_use]
pub fn new_session(token: &Token) -> Cookie<'static> {
    host_cookie(SESSION, token.reveal().to_owned())
}

/// A cookie of this host alone, sent over HTTPS alone, which scripts cannot read, and which ends with the browser.
#[must_use]
pub fn host_cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}
