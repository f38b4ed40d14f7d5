//! One colleague, and the link with which they choose a password.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::{AccountState, Timestamp};
use enroll_server_service::password_link::LASTS;
use enroll_server_service::query::PasswordLink;
use enroll_server_service::{App, authenticator, colleague as service, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::portal::{label, link_cookie, password_link};
use crate::words::{Markup, Text, Words};

#[derive(Template)]
#[template(path = "colleagues/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    email: &'a str,
    role: Text,
    tag: Tag,
    is_own: bool,
    is_disabled: bool,
    /// The link's address, if this browser made it not long ago.
    url: Option<String>,
    days: u64,
    /// Until when the open link works, or when it expired.
    link: Option<Markup>,
    created: Moment,
    last_seen: Option<Moment>,
    disabled: Option<Moment>,
    sessions: i64,
    has_factor: bool,
    /// Since when there is an authenticator app.
    authenticator: Option<Moment>,
    /// How many passkeys there are.
    passkeys: usize,
}

/// `GET /colleagues/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
) -> Answer {
    let now = app.clock.now();
    let found = query::colleague(&app, &id).await?;
    let factor = authenticator::of(&app, &id).await?;
    let (account, moment) = (&found.summary.administrator, |at| {
        Moment::new(words, at, now)
    });
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Colleagues),
        id: &account.id,
        name: &account.name,
        email: &account.email,
        role: label::role(words, account.role),
        tag: label::account_tag(words, account.state()),
        is_own: account.id == signed_in.session().administrator_id,
        is_disabled: account.state() == AccountState::Disabled,
        url: shown(&app, found.link.as_ref(), &id, &jar),
        days: LASTS.as_secs() / (24 * 60 * 60),
        link: found.link.map(|link| until(words, &link, now)),
        created: moment(account.created),
        last_seen: found.summary.last_seen.map(moment),
        disabled: account.disabled.map(moment),
        sessions: found.summary.sessions,
        has_factor: factor.is_some(),
        passkeys: factor.as_ref().map_or(0, |factor| factor.passkeys.len()),
        authenticator: factor.and_then(|factor| factor.authenticator).map(moment),
    })
}

/// What there is to know of a link that nothing has ended but time, perhaps.
fn until(words: Words, link: &PasswordLink, now: Timestamp) -> Markup {
    let at = Moment::new(words, link.expires, now).inline();
    if link.expires > now {
        words.colleague_link_works_until(at)
    } else {
        words.colleague_link_ended(at)
    }
}

/// The address of the link, if this browser made it not long ago and nothing has ended it since.
fn shown(app: &App, link: Option<&PasswordLink>, id: &str, jar: &CookieJar) -> Option<String> {
    let token = link_cookie::token(jar, &format!("/colleagues/{id}"))?;
    (link?.token_hash == token.hash()).then(|| password_link::address(app, &token))
}

/// `POST /colleagues/{id}/link`: makes a link and shows it.
pub async fn make_link(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
) -> Answer {
    let token = service::make_link(&app, &id, &signed_in.actor()).await?;
    let name = query::account(&app, &id).await?.name;
    signed_in.show_next(&Notice::LinkMade { name });
    let path = format!("/colleagues/{id}");
    let jar = link_cookie::add(jar, &path, &token);
    Ok((jar, Redirect::to(&path)).into_response())
}
