//! In which language a page is: what the account says, else what was chosen in the browser, else what the browser asks
//! for.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use time::Duration;

use enroll_server_service::App;

use super::address;
use super::page::Answer;
use super::problem::Problem;
use crate::auth::cookie;
use crate::words::Words;
use crate::words::choice::Choice;

/// The cookie of the language that was chosen in a browser.
const COOKIE: &str = "__Host-language";
/// For how long it holds.
const HOLDS: Duration = Duration::days(365);

/// Chooses the language of a request by its browser, and tells of the language of the answer.
pub async fn choose(mut request: Request, next: Next) -> Response {
    let choice = Choice::of_browser(of_browser(request.headers()));
    request.extensions_mut().insert(choice.clone());
    let mut response = next.run(request).await;
    if has_words(&response) {
        let headers = response.headers_mut();
        let language = HeaderValue::from_static(choice.words().language());
        headers.insert(header::CONTENT_LANGUAGE, language);
        let asked = HeaderValue::from_static("accept-language, cookie");
        headers.insert(header::VARY, asked);
    }
    response
}

/// What was chosen in a browser, or what it asks for.
fn of_browser(headers: &HeaderMap) -> Words {
    let jar = CookieJar::from_headers(headers);
    let chosen = jar.get(COOKIE).and_then(|cookie| Words::of(cookie.value()));
    chosen.unwrap_or_else(|| {
        // Several lines are one list (RFC 9110, section 5.3).
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        Words::asked_for(&lines.join(","))
    })
}

/// Pages and lists as files; style sheets have no language.
fn has_words(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| {
        let value = value.as_bytes();
        value.starts_with(b"text/html") || value.starts_with(b"text/csv")
    })
}

/// `GET /language/{tag}`: from now on this browser's pages are in that language; back to the page with the link.
pub async fn remember(
    State(app): State<Arc<App>>,
    Path(tag): Path<String>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Answer {
    let words = Words::of(&tag).ok_or_else(Problem::nowhere)?;
    let mut cookie = cookie::host_cookie(COOKIE, words.language().to_owned());
    cookie.set_max_age(HOLDS);
    let back = came_from(&app.addresses.portal, &headers).unwrap_or("/");
    Ok((jar.add(cookie), Redirect::to(back)).into_response())
}

/// The page of the portal that a request came from, as the browser tells.
fn came_from<'h>(portal: &str, headers: &'h HeaderMap) -> Option<&'h str> {
    let from = headers.get(header::REFERER)?.to_str().ok()?;
    from.strip_prefix(portal)
        .filter(|path| address::is_own_path(path))
}
