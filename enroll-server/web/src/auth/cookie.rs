//! Cookies: of this host alone, over HTTPS alone, and for no script.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use enroll_server_model::random::Token;
use enroll_server_service::session::{BROWSER_KNOWN, Begun, Visit};

/// The session's cookie: the `__Host-` prefix makes browsers refuse it from any other host, path or over plain HTTP.
pub const SESSION: &str = "__Host-sid";
/// The cookie by which a browser is known in which an administrator signed in before. Signing out leaves it.
pub const BROWSER: &str = "__Host-browser";

/// The cookie of a browser whose user has given a password and is asked for a second factor.
pub const PENDING: &str = "__Host-pending";

/// The cookie of a holder's session on their own pages.
pub const HOLDER: &str = "__Host-holder";

/// The token of a holder's session that a request brought, if it can be one.
#[must_use]
pub fn holder_session(jar: &CookieJar) -> Option<Token> {
    jar.get(HOLDER)?.value().parse().ok()
}

/// The cookie of a holder's session that begins.
pub fn holder_begun(jar: CookieJar, session: &Token) -> CookieJar {
    jar.add(host_cookie(HOLDER, session.reveal().to_owned()))
}

/// The token of a sign-in that waits for its second factor, if a request brought one.
#[must_use]
pub fn pending_token(jar: &CookieJar) -> Option<Token> {
    jar.get(PENDING)?.value().parse().ok()
}

/// The cookie of a sign-in that waits for its second factor.
pub fn pending(jar: CookieJar, token: &Token) -> CookieJar {
    let mut cookie = host_cookie(PENDING, token.reveal().to_owned());
    cookie.set_same_site(SameSite::Strict);
    jar.add(cookie)
}

/// The session's token that a request brought, if it can be one.
#[must_use]
pub fn session(jar: &CookieJar) -> Option<Token> {
    jar.get(SESSION)?.value().parse().ok()
}

/// What a browser brings along that wants to sign in from the address `source`.
#[must_use]
pub fn visit(jar: &CookieJar, source: String) -> Visit {
    Visit {
        source,
        session: session(jar),
        browser: jar
            .get(BROWSER)
            .and_then(|cookie| cookie.value().parse().ok()),
    }
}

/// The cookies of a session that begins.
pub fn begun(jar: CookieJar, begun: &Begun) -> CookieJar {
    let known = Duration::try_from(BROWSER_KNOWN).unwrap_or(Duration::MAX);
    let mut browser = host_cookie(BROWSER, begun.browser.reveal().to_owned());
    browser.set_max_age(known);
    browser.set_same_site(SameSite::Strict);
    jar.add(host_cookie(SESSION, begun.session.reveal().to_owned()))
        .add(browser)
        .add(expired(PENDING))
}

/// What makes a browser forget a cookie of this host.
#[must_use]
pub fn expired(name: &'static str) -> Cookie<'static> {
    let mut cookie = host_cookie(name, String::new());
    cookie.make_removal();
    cookie
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
