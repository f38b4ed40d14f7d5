//! Sessions: from signing in to signing out, or until nobody has used them for a while.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar};

use crate::App;
use crate::auth::form_token::host_cookie;
use crate::error::Result;
use crate::random::{self, Token};
use crate::store::audit::NewEvent;
use crate::store::session::{self, Session, SignedIn};
use crate::store::{Timestamp, administrator};

/// The session's cookie: the `__Host-` prefix makes browsers refuse it from any other host, path or over plain HTTP.
pub const COOKIE: &str = "__Host-sid";
/// After how long without use a session ends.
pub const IDLE: Duration = Duration::from_secs(60 * 60);
/// After how long a session ends whatever happens.
pub const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// How exactly the last use is known: a write for each page would cost more than it is worth.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// What the browser holds: 256 random bits.
fn new_token() -> Result<String> {
    Ok(data_encoding::BASE32_NOPAD.encode(&random::bytes::<32>()?))
}

/// The token that a request brought, if it can be one.
#[must_use]
pub fn token(jar: &CookieJar) -> Option<Token> {
    Token::parse(jar.get(COOKIE)?.value())
}

/// Begins a session under a new token and ends the one that the browser had; `event` is recorded with it.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    app: &App,
    administrator_id: &str,
    before: Option<&Token>,
    event: NewEvent,
) -> Result<Cookie<'static>> {
    let token = new_token()?;
    let now = app.clock.now();
    let row = Session {
        token_hash: random::sha256_hex(token.as_bytes()),
        administrator_id: administrator_id.to_owned(),
        flash: None,
        created: now,
        last_seen: now,
        expires: now.plus(LONGEST),
    };
    let before = before.map(Token::hash);
    app.store
        .write::<_, crate::error::Error, _>(move |tx| {
            Box::pin(async move {
                session::forget_ended(tx.connection(), now).await?;
                if let Some(before) = before {
                    session::delete(tx.connection(), &before).await?;
                }
                session::insert(tx.connection(), &row).await?;
                tx.record(event);
                Ok(())
            })
        })
        .await?;
    Ok(host_cookie(COOKIE, token))
}

/// Whether a session is over at a given time.
fn is_over(session: &Session, now: Timestamp) -> bool {
    session.expires <= now || now.since(session.last_seen) >= IDLE
}

/// Who is signed in with this token, if it is good; notes that the session is in use.
///
/// # Errors
/// If the database fails.
pub async fn find(app: &App, token: &Token) -> Result<Option<SignedIn>> {
    let now = app.clock.now();
    let hash = token.hash();
    let Some(session) = session::by_token_hash(app.store.reader(), &hash).await? else {
        return Ok(None);
    };
    if is_over(&session, now) {
        return Ok(None);
    }
    let found = administrator::by_id(app.store.reader(), &session.administrator_id).await?;
    let Some(administrator) = found else {
        return Ok(None);
    };
    if now.since(session.last_seen) >= NOTED_EVERY {
        app.store
            .write::<_, crate::error::Error, _>(move |tx| {
                Box::pin(async move { Ok(session::touch(tx.connection(), &hash, now).await?) })
            })
            .await?;
    }
    Ok(Some(SignedIn {
        session,
        administrator,
    }))
}

/// Says something on the next page, once.
///
/// # Errors
/// If the database fails.
pub async fn say(app: &App, session: &Session, words: &str) -> Result<()> {
    set_flash(app, session, Some(words.to_owned())).await
}

/// What the page has to say that is being made, once.
///
/// # Errors
/// If the database fails.
pub async fn take_said(app: &App, session: &Session) -> Result<Option<String>> {
    if session.flash.is_some() {
        set_flash(app, session, None).await?;
    }
    Ok(session.flash.clone())
}

async fn set_flash(app: &App, session: &Session, words: Option<String>) -> Result<()> {
    let hash = session.token_hash.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                session::set_flash(tx.connection(), &hash, words.as_deref()).await?;
                Ok(())
            })
        })
        .await
}

/// Ends a session; `event` is recorded with it.
///
/// # Errors
/// If the database fails.
pub async fn end(app: &App, session: &Session, event: NewEvent) -> Result<()> {
    let hash = session.token_hash.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if session::delete(tx.connection(), &hash).await? {
                    tx.record(event);
                }
                Ok(())
            })
        })
        .await
}
