//! Links with which the owner of an account chooses a password. Looking at one uses nothing up: mail scanners look first.

use std::time::Duration;

use enroll_server_model::event_detail::SignedOutAccount;
use enroll_server_model::random::Token;
use enroll_server_model::{AccountState, Actor, Event, LinkState, NewEvent, Timestamp};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::password_link::{self, PasswordLink};
use enroll_server_store::{Reader, StoreError, Transaction};

use crate::account;
use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::LinkEnd;

/// For how long a link can be used.
pub const LASTS: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// For how long it is known afterwards, so that whoever opens it is told what became of it.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A new link for an account.
pub(crate) fn row(
    administrator_id: &str,
    token: &Token,
    by: &Actor,
    now: Timestamp,
) -> PasswordLink {
    PasswordLink {
        token_hash: token.hash(),
        administrator_id: administrator_id.to_owned(),
        made_by: by.id.clone(),
        state: LinkState::Open,
        created: now,
        expires: now.plus(LASTS),
    }
}

/// Forgets what nobody opens any more.
pub(crate) async fn forget_old(tx: &mut Transaction, now: Timestamp) -> Result<(), StoreError> {
    password_link::forget(tx, now.minus(REMEMBERED)).await
}

/// Whose password a link sets.
///
/// # Errors
/// [`Error::PasswordLink`] if it does not work.
pub async fn look_at(app: &App, token: &str) -> Result<Administrator> {
    let hash = hash(token)?;
    let link = password_link::by_token_hash(app.store.reader(), &hash).await?;
    owner(app.store.reader(), link, app.clock.now()).await
}

/// Sets the password of a link's account, whose sessions end; its owner need not wait for attempts of before. Of several that
/// try at once, one succeeds.
///
/// # Errors
/// [`Error::PasswordLink`] if it does not work.
pub async fn choose(
    app: &App,
    token: &str,
    password_hash: String,
    source: &str,
) -> Result<Administrator> {
    let hash = hash(token)?;
    let now = app.clock.now();
    let source = source.to_owned();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                administrator::lock_all(tx).await?;
                let link = password_link::by_token_hash(tx.reader(), &hash).await?;
                let mut owner = owner(tx.reader(), link, now).await?;
                if !password_link::use_up(tx, &hash).await? {
                    return Err(Error::PasswordLink(LinkEnd::Used));
                }
                administrator::set_password(tx, &owner.id, &password_hash).await?;
                owner.password_hash = password_hash;
                let chosen = Event::PasswordChosen(SignedOutAccount {
                    account: account::named(&owner),
                    sessions: account::sign_out(tx, &owner.id).await?,
                });
                account::empty_limits(tx, &owner).await?;
                let actor = Actor::anonymous(&owner.name, &source);
                tx.record(NewEvent::new(now, &actor, &owner.id, chosen));
                Ok(owner)
            })
        })
        .await
}

fn hash(token: &str) -> Result<String> {
    let token: Token = token
        .parse()
        .map_err(|_| Error::PasswordLink(LinkEnd::Unknown))?;
    Ok(token.hash())
}

/// The account of a link that works.
async fn owner<'e>(
    on: impl Reader<'e>,
    link: Option<PasswordLink>,
    now: Timestamp,
) -> Result<Administrator> {
    let link = link.ok_or(Error::PasswordLink(LinkEnd::Unknown))?;
    let end = match link.state {
        LinkState::Used => Some(LinkEnd::Used),
        LinkState::Replaced => Some(LinkEnd::Replaced),
        LinkState::Open => (!link.expires.still_holds(LASTS, now)).then_some(LinkEnd::Expired),
    };
    if let Some(end) = end {
        return Err(Error::PasswordLink(end));
    }
    let found = administrator::by_id(on, &link.administrator_id).await?;
    found
        .filter(|found| found.state() != AccountState::Disabled)
        .ok_or(Error::PasswordLink(LinkEnd::Replaced))
}
