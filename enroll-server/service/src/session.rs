//! Sessions: from signing in to signing out, or until nobody has used them for a while.

use std::time::Duration;

use enroll_server_model::event_detail::{Nothing, SignedIn as SignedInDetail};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::known_browser;
use enroll_server_store::session::{self, Session, SignedIn};
use enroll_server_store::{StoreError, Transaction};

use crate::app::App;
use crate::error::Result;

/// After how long without use a session ends.
pub const IDLE: Duration = Duration::from_secs(60 * 60);
/// After how long a session ends whatever happens.
pub const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// For how long a browser is known after somebody signed in with it.
pub const BROWSER_KNOWN: Duration = Duration::from_secs(180 * 24 * 60 * 60);
/// How exactly the last use is known: a write for each page would cost more than it is worth.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// What a browser brings along that wants to sign in.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The address that it comes from.
    pub source: String,
    /// The token of the session that it has.
    pub session: Option<Token>,
    /// The token that it was given when somebody signed in with it before.
    pub browser: Option<Token>,
}

/// What a browser is to keep.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The session's token.
    pub session: Token,
    /// The token by which the browser is known the next time.
    pub browser: Token,
}

/// A session that is to begin, under new tokens (256 random bits each).
#[derive(Clone)]
pub(crate) struct Beginning {
    begun: Begun,
    row: Session,
    session_before: Option<String>,
    browser_before: Option<String>,
    password_hash: String,
    event: NewEvent,
}

impl Beginning {
    /// One for an administrator who has shown who they are.
    pub(crate) fn new(app: &App, administrator: &Administrator, visit: &Visit) -> Result<Self> {
        let begun = Begun {
            session: random::token_of::<32>()?,
            browser: random::token_of::<32>()?,
        };
        let now = app.clock.now();
        let actor = Actor::administrator(&administrator.id, &administrator.name, &visit.source);
        Ok(Self {
            row: Session {
                token_hash: begun.session.hash(),
                administrator_id: administrator.id.clone(),
                notice: None,
                created: now,
                last_seen: now,
                expires: now.plus(LONGEST),
                proved: now,
            },
            begun,
            session_before: visit.session.as_ref().map(Token::hash),
            browser_before: visit.browser.as_ref().map(Token::hash),
            password_hash: administrator.password_hash.clone(),
            event: NewEvent::new(
                now,
                &actor,
                &administrator.id,
                Event::SignIn(SignedInDetail::default()),
            ),
        })
    }

    /// The same with a passkey of this name, without a password.
    pub(crate) fn with_passkey(mut self, name: &str) -> Self {
        self.event.event = Event::SignIn(SignedInDetail {
            passkey: name.to_owned(),
        });
        self
    }

    /// Keeps the administrator as they are, first of all, as whoever removes them does. Returns whether they are still as they
    /// were read: neither removed nor disabled since, and with the same password.
    pub(crate) async fn lock(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        administrator::lock(tx, &self.row.administrator_id, &self.password_hash).await
    }

    /// Begins it, and ends the session that the browser had. From then on the browser is known as one of the
    /// administrator's, under a new token too.
    pub(crate) async fn begin(self, tx: &mut Transaction) -> Result<Begun, StoreError> {
        let row = &self.row;
        let now = row.created;
        session::forget_ended(tx, now, now.latest_end(LONGEST)).await?;
        known_browser::forget_ended(tx, now, now.latest_end(BROWSER_KNOWN)).await?;
        if let Some(before) = &self.session_before {
            session::delete(tx, before).await?;
        }
        if let Some(before) = &self.browser_before {
            known_browser::delete(tx, before).await?;
        }
        let until = now.plus(BROWSER_KNOWN);
        let browser = self.begun.browser.hash();
        known_browser::insert(tx, &browser, &row.administrator_id, until).await?;
        session::insert(tx, row).await?;
        administrator::seen(tx, &row.administrator_id, now).await?;
        tx.record(self.event);
        Ok(self.begun)
    }
}

/// Whether a session is over at a given time; also if it is of a later time, by a clock that went back since.
pub(crate) fn is_over(session: &Session, now: Timestamp) -> bool {
    let is_young = session.expires.still_holds(LONGEST, now);
    let is_in_use = session.last_seen.is_within_at_any_server(IDLE, now);
    !(is_young && is_in_use)
}

/// Who is signed in with this token, if it is good.
pub async fn find(app: &App, token: &Token) -> Result<Option<SignedIn>> {
    let found = session::by_token_hash(app.store.reader(), &token.hash()).await?;
    let now = app.clock.now();
    Ok(found.filter(|signed_in| !is_over(&signed_in.session, now)))
}

/// What a request did with the notice that a session's next page shows once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NoticeChange {
    /// Nothing.
    #[default]
    None,
    /// It was shown.
    Shown,
    /// There is a new one.
    New(String),
}

/// Notes at the end of a request that the session is in use, and what became of its notice: one transaction, and none
/// if there is nothing to note. `session` is as the request found it; another request may have changed its notice since,
/// and what that one did stays.
pub async fn note(app: &App, session: &Session, change: NoticeChange) -> Result<()> {
    let now = app.clock.now();
    let is_due = !session.last_seen.is_within_at_any_server(NOTED_EVERY, now);
    if change == NoticeChange::None && !is_due {
        return Ok(());
    }
    let hash = session.token_hash.clone();
    let shown = session.notice.clone();
    let administrator_id = session.administrator_id.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                // In the order in which whoever disables an account locks the two.
                administrator::seen(tx, &administrator_id, now).await?;
                session::touch(tx, &hash, now).await?;
                match (change, shown) {
                    (NoticeChange::None, _) | (NoticeChange::Shown, None) => {}
                    (NoticeChange::Shown, Some(shown)) => {
                        session::clear_notice(tx, &hash, &shown).await?;
                    }
                    (NoticeChange::New(notice), _) => {
                        session::set_notice(tx, &hash, &notice).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// Ends a session: its administrator signed out.
pub async fn end(app: &App, session: &Session, actor: &Actor) -> Result<()> {
    let id = &session.administrator_id;
    let event = NewEvent::new(app.clock.now(), actor, id, Event::SignOut(Nothing {}));
    let hash = session.token_hash.clone();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if session::delete(tx, &hash).await? {
                    tx.record(event);
                }
                Ok(())
            })
        })
        .await
}
