//! The links with which holders come to their own pages: one that they have sent to their mail address, or one that they are
//! given where they show a phone. Looking at one uses nothing up: mail scanners look first.

use std::time::Duration;

use enroll_server_model::event_detail::SignedInHolder;
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, HolderState, MailKind, NewEvent, Timestamp};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::holder_link::{self, HolderLink};
use enroll_server_store::holder_session::{self, HolderSession};
use enroll_server_store::phone;
use enroll_server_store::rate_limit::Limit;
use enroll_server_store::{StoreError, Transaction};

use crate::app::App;
use crate::error::{Error, Result};
use crate::holder_session::LASTS as SESSION_LASTS;
use crate::outbox::{key, mail};
use crate::person;
use crate::rate_limit;

/// For how long a link works.
pub const LASTS: Duration = Duration::from_secs(15 * 60);

/// Requests for a link from one network, whatever the address.
const PER_NETWORK: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(60),
};
/// Mails to one address. What is beyond that is not sent: a link of a moment ago works.
const PER_ADDRESS: Limit = Limit {
    burst: 3,
    interval: Duration::from_secs(5 * 60),
};

/// Sends a link to the holders with a mail address, in the background: the answer says nothing of whether there is one, by its
/// words or by its time.
///
/// # Errors
/// [`Error::RateLimited`] for who asks too often, whatever the address.
pub async fn request(app: &std::sync::Arc<App>, email: &str, source: &str) -> Result<()> {
    let network = rate_limit::source(source);
    rate_limit::take(app, &format!("own-pages:network:{network}"), PER_NETWORK).await?;
    if !app.sends_mail {
        return Ok(());
    }
    // No address has a control character in it, and PostgreSQL refuses a text with a NUL.
    let email = person::sign_in_name(&email.replace(char::is_control, ""));
    let app = app.clone();
    tokio::spawn(async move {
        match send(&app, &email).await {
            Ok(()) | Err(Error::RateLimited { .. }) => {}
            Err(error) => tracing::error!(%error, "a holder was not sent the link to their pages"),
        }
    });
    Ok(())
}

async fn send(app: &App, email: &str) -> Result<()> {
    let address = random::sha256_hex(email.as_bytes());
    rate_limit::take(app, &format!("own-pages:address:{address}"), PER_ADDRESS).await?;
    for holder in holder::by_mail(app.store.reader(), email).await? {
        if holder.state != HolderState::Active {
            continue;
        }
        let id = random::id()?;
        let token = key::key(app).await?.of_own_pages(&id);
        let now = app.clock.now();
        let row = HolderLink {
            id,
            token_hash: token.hash(),
            holder_id: holder.id,
            phone_id: None,
            expires: now.plus(LASTS),
        };
        app.store
            .write::<_, Error, _>(move |tx| {
                Box::pin(async move {
                    add(tx, &row, now).await?;
                    mail::add(tx, MailKind::OwnPages, &row.id, &holder.email_ascii, now).await
                })
            })
            .await?;
    }
    Ok(())
}

/// Makes a link for a holder who has shown their phone.
pub(crate) async fn make(app: &App, row: HolderLink, now: Timestamp) -> Result<()> {
    app.store
        .write::<_, StoreError, _>(move |tx| Box::pin(async move { add(tx, &row, now).await }))
        .await?;
    Ok(())
}

async fn add(tx: &mut Transaction, row: &HolderLink, now: Timestamp) -> Result<(), StoreError> {
    holder_link::forget_ended(tx, now, now.latest_end(LASTS)).await?;
    holder_link::insert(tx, row).await
}

/// Whose pages a link leads to.
///
/// # Errors
/// [`Error::HolderLink`] if it does not work.
pub async fn look_at(app: &App, token: &str) -> Result<Holder> {
    let (_, holder) = found(app, token).await?;
    Ok(holder)
}

/// Uses a link up and begins a session; the one that the browser had (`before`) ends. Of several that try at once, one succeeds.
///
/// # Errors
/// [`Error::HolderLink`] if it does not work.
pub async fn enter(app: &App, token: &str, before: Option<&Token>, source: &str) -> Result<Token> {
    let (link, holder) = found(app, token).await?;
    let session = random::token_of::<32>()?;
    let now = app.clock.now();
    let row = HolderSession {
        token_hash: session.hash(),
        holder_id: holder.id.clone(),
        phone_id: link.phone_id.clone(),
        expires: now.plus(SESSION_LASTS),
    };
    let actor = Actor::holder(&holder.id, &holder.name, source);
    let before = before.map(Token::hash);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                // Nobody suspends them or their phone meanwhile.
                let holder = holder::lock(tx, &holder.id).await?;
                if holder.is_none_or(|holder| holder.state != HolderState::Active) {
                    return Err(Error::HolderLink);
                }
                let phone = match &link.phone_id {
                    Some(id) if phone::hold_active(tx, id).await? => {
                        phone::by_id(tx.reader(), id).await?
                    }
                    Some(_) => return Err(Error::HolderLink),
                    None => None,
                };
                if !holder_link::use_up(tx, &link.id).await? {
                    return Err(Error::HolderLink);
                }
                holder_session::forget_ended(tx, now, now.latest_end(SESSION_LASTS)).await?;
                if let Some(before) = before {
                    holder_session::delete(tx, &before).await?;
                }
                holder_session::insert(tx, &row).await?;
                let signed_in = Event::HolderSignIn(SignedInHolder {
                    phone: phone.map(|phone| phone.name).unwrap_or_default(),
                });
                tx.record(NewEvent::new(now, &actor, &row.holder_id, signed_in));
                Ok(session)
            })
        })
        .await
}

async fn found(app: &App, token: &str) -> Result<(HolderLink, Holder)> {
    let token: Token = token.parse().map_err(|_| Error::HolderLink)?;
    let on = app.store.reader();
    let link = holder_link::by_token_hash(on, &token.hash()).await?;
    let link = link.filter(|link| link.expires.still_holds(LASTS, app.clock.now()));
    let link = link.ok_or(Error::HolderLink)?;
    let holder = holder::by_id(on, &link.holder_id).await?;
    let holder = holder.filter(|holder| holder.state == HolderState::Active);
    Ok((link, holder.ok_or(Error::HolderLink)?))
}
