//! Sessions: from signing in to signing out, or until nobody has used them for a while.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::administrator;
use enroll_server_store::session::{self, Session, SignedIn};

use crate::app::App;
use crate::error::{Error, Result};

/// After how long without use a session ends.
pub const IDLE: Duration = Duration::from_secs(60 * 60);
/// After how long a session ends whatever happens.
pub const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// How exactly the last use is known: a write for each page would cost more than it is worth.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Begins a session under a new token (256 random bits), which the browser is to keep, and ends the session that it had;
/// `event` is recorded with it.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    app: &App,
    administrator_id: &str,
    before: Option<&Token>,
    event: NewEvent,
) -> Result<Token> {
    let token = random::token_of::<32>()?;
    let now = app.clock.now();
    let row = Session {
        token_hash: token.hash(),
        administrator_id: administrator_id.to_owned(),
        flash: None,
        created: now,
        last_seen: now,
        expires: now.plus(LONGEST),
    };
    let before = before.map(Token::hash);
    app.store
        .write::<_, Error, _>(move |tx| {
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
    Ok(token)
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
            .write::<_, Error, _>(move |tx| {
                Box::pin(async move { Ok(session::touch(tx.connection(), &hash, now).await?) })
            })
            .await?;
    }
    Ok(Some(SignedIn {
        session,
        administrator,
    }))
}

/// Keeps what the next page is to say once.
///
/// # Errors
/// If the database fails.
pub async fn say(app: &App, session: &Session, notice: &str) -> Result<()> {
    set_flash(app, session, Some(notice.to_owned())).await
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

async fn set_flash(app: &App, session: &Session, notice: Option<String>) -> Result<()> {
    let hash = session.token_hash.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                session::set_flash(tx.connection(), &hash, notice.as_deref()).await?;
                Ok(())
            })
        })
        .await
}

/// Ends a session: its administrator signed out.
///
/// # Errors
/// If the database fails.
pub async fn end(app: &App, session: &Session, actor: &Actor) -> Result<()> {
    let id = &session.administrator_id;
    let event = NewEvent::new(app.clock.now(), actor, id, Event::SignOut(Nothing {}));
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
