//! Tokens with which programs use the API. A token belongs to the installation, and not to who made it: it works until it
//! ends or is revoked.

use std::time::Duration;

use zeroize::Zeroizing;

use enroll_server_model::event_detail::{MadeApiToken, NamedApiToken};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, NewEvent, Scope, Timestamp};
use enroll_server_store::Transaction;
use enroll_server_store::administrator;
use enroll_server_store::api_token;

use crate::administration::{Administration, AdministrationError};
use crate::app::App;
use crate::colleague::check_actor;
use crate::error::{Error, Result};
use crate::person;
use crate::refusal::{Conflict, Field, FieldFlaw, Object};

pub use enroll_server_store::api_token::ApiToken;

/// A token begins with it: whoever finds one sees what it is.
pub const PREFIX: &str = "tapcard_";
/// For how many days a token works at most.
pub const MOST_DAYS: u16 = 366;
/// For how many days it works where nobody says otherwise.
pub const USUAL_DAYS: u16 = 90;
/// How exactly the last use is known.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// What it is called: what uses it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// For how many days it works.
    pub days: u16,
}

/// A token just made. Its text is known now and never again.
#[derive(Clone, Debug)]
pub struct Made {
    /// What is kept of it.
    pub row: ApiToken,
    token: Token,
}

impl Made {
    /// The text that a program sends.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        text(&self.token)
    }

    /// The token as a browser keeps it for a while.
    #[must_use]
    pub const fn token(&self) -> &Token {
        &self.token
    }
}

fn text(token: &Token) -> Zeroizing<String> {
    Zeroizing::new(format!("{PREFIX}{}", token.reveal()))
}

/// Whether a token works at a given time.
#[must_use]
pub fn works(token: &ApiToken, now: Timestamp) -> bool {
    token.revoked.is_none() && token.expires.still_holds(days(MOST_DAYS), now)
}

fn days(days: u16) -> Duration {
    Duration::from_secs(u64::from(days) * 24 * 60 * 60)
}

fn new(wanted: NewApiToken, now: Timestamp, actor: &Actor) -> Result<Made> {
    let refused = |field, flaw| Err(Error::InvalidField { field, flaw });
    let name = person::person_name(&wanted.name)?;
    if wanted.scopes.is_empty() {
        return refused(Field::Scopes, FieldFlaw::NoScope);
    }
    if !(1..=MOST_DAYS).contains(&wanted.days) {
        let most = usize::from(MOST_DAYS);
        return refused(Field::Days, FieldFlaw::Days { most });
    }
    Ok(Made {
        row: ApiToken {
            id: random::id()?,
            name,
            // In the order in which people are shown them, and none twice.
            scopes: Scope::ALL
                .iter()
                .copied()
                .filter(|scope| wanted.scopes.contains(scope))
                .collect(),
            created: now,
            created_by: actor.name.clone(),
            expires: now.plus(days(wanted.days)).whole_seconds(),
            revoked: None,
            last_used: None,
        },
        token: random::token_of::<32>()?,
    })
}

async fn store(tx: &mut Transaction, made: &Made, actor: &Actor) -> Result<()> {
    let row = &made.row;
    api_token::insert(tx, row, &made.token.hash()).await?;
    let event = Event::ApiTokenMade(MadeApiToken {
        name: row.name.clone(),
        scopes: row.scopes.iter().map(ToString::to_string).collect(),
        expires: row.expires.rfc3339(),
    });
    tx.record(NewEvent::new(row.created, actor, &row.id, event));
    Ok(())
}

async fn end(tx: &mut Transaction, id: &str, now: Timestamp, actor: &Actor) -> Result<ApiToken> {
    let found = api_token::by_id(tx.reader(), id).await?;
    let found = found.ok_or(Error::NotFound(Object::ApiToken))?;
    if !api_token::revoke(tx, id, now).await? {
        return Err(Conflict::ApiTokenRevoked.into());
    }
    let event = Event::ApiTokenRevoked(NamedApiToken {
        name: found.name.clone(),
    });
    tx.record(NewEvent::new(now, actor, id, event));
    Ok(found)
}

/// Makes a token for an administrator.
///
/// # Errors
/// [`Error::InvalidField`]; [`Error::Conflict`] if whoever asks has stopped being an administrator.
pub async fn make(app: &App, wanted: NewApiToken, actor: &Actor) -> Result<Made> {
    let made = new(wanted, app.clock.now(), actor)?;
    let actor = actor.clone();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                check_actor(tx, &actor).await?;
                store(tx, &made, &actor).await?;
                Ok(made)
            })
        })
        .await
}

/// Revokes a token: it works no more. Returns what it was.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is revoked already, or as [`make`].
pub async fn revoke(app: &App, id: &str, actor: &Actor) -> Result<ApiToken> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                check_actor(tx, &actor).await?;
                end(tx, &id, now, &actor).await
            })
        })
        .await
}

/// The token with this text, if it works. It is looked for by its hash, so that how long that takes tells nothing of it.
pub async fn find(app: &App, text: &str) -> Result<Option<ApiToken>> {
    let token = text.strip_prefix(PREFIX).map(str::parse::<Token>);
    let Some(Ok(token)) = token else {
        return Ok(None);
    };
    let found = api_token::by_hash(app.store.reader(), &token.hash()).await?;
    let now = app.clock.now();
    Ok(found.filter(|token| works(token, now)))
}

/// The text of the token with this id, if that is what somebody has kept of it, and it works.
pub async fn text_of(app: &App, id: &str, kept: &Token) -> Result<Option<Zeroizing<String>>> {
    let text = text(kept);
    let found = find(app, &text).await?;
    Ok(found.filter(|token| token.id == id).map(|_| text))
}

/// Notes that a token is in use.
pub async fn note_use(app: &App, token: &ApiToken) -> Result<()> {
    let now = app.clock.now();
    let is_noted = |last: Timestamp| last.is_within_at_any_server(NOTED_EVERY, now);
    if token.last_used.is_some_and(is_noted) {
        return Ok(());
    }
    let id = token.id.clone();
    app.store
        .write(move |tx| Box::pin(async move { Ok(api_token::used(tx, &id, now).await?) }))
        .await
}

impl Administration {
    /// Makes a token on the server's machine.
    ///
    /// # Errors
    /// [`Error::InvalidField`].
    pub async fn make_api_token(&self, wanted: NewApiToken) -> Result<Made, AdministrationError> {
        let actor = self.actor.clone();
        let made = new(wanted, self.clock.now(), &actor)?;
        self.store
            .write::<_, AdministrationError, _>(move |tx| {
                Box::pin(async move {
                    store(tx, &made, &actor).await?;
                    Ok(made)
                })
            })
            .await
    }

    /// All tokens, the newest first, each with whether it works.
    pub async fn api_tokens(&self) -> Result<Vec<(ApiToken, bool)>, AdministrationError> {
        let now = self.clock.now();
        let all = api_token::all(self.store.reader()).await?;
        let with_state = all.into_iter().map(|token| {
            let works = works(&token, now);
            (token, works)
        });
        Ok(with_state.collect())
    }

    /// Revokes the token with this id. Returns what it was.
    ///
    /// # Errors
    /// As [`revoke`].
    pub async fn revoke_api_token(&self, id: &str) -> Result<ApiToken, AdministrationError> {
        let now = self.clock.now();
        let (id, actor) = (id.to_owned(), self.actor.clone());
        self.store
            .write::<_, AdministrationError, _>(move |tx| {
                Box::pin(async move { Ok(end(tx, &id, now, &actor).await?) })
            })
            .await
    }
}
