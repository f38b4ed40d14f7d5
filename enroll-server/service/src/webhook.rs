//! Webhooks: addresses that administrators have told of events. What is sent there is in [`crate::outbox`].

use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64;
use url::{Host, Url};
use zeroize::Zeroizing;

use enroll_server_model::event_detail::WebhookFacts;
use enroll_server_model::random::Token;
use enroll_server_model::{Actor, Event, NewEvent, ObjectKind, Timestamp, random};
use enroll_server_store::webhook::{self, Webhook};
use enroll_server_store::{Transaction, administrator};

use crate::app::App;
use crate::colleague::check_actor;
use crate::error::{Error, Result};
use crate::outbox::{self, key};
use crate::refusal::{Conflict, Field, FieldFlaw, Object};

/// Most characters of an address.
const LONGEST: usize = 500;

/// Where a webhook is told, and of what.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The address, as it was typed.
    pub url: String,
    /// The kinds of objects whose events it is told of.
    pub objects: Vec<ObjectKind>,
}

/// Reads an address as somebody typed it.
///
/// # Errors
/// [`Error::InvalidField`] if nothing can be sent there.
pub fn address(typed: &str) -> Result<Url> {
    let flaw = |flaw| Error::InvalidField {
        field: Field::Url,
        flaw,
    };
    if typed.chars().count() > LONGEST {
        return Err(flaw(FieldFlaw::AddressLong { longest: LONGEST }));
    }
    let url = Url::parse(typed.trim()).map_err(|_| flaw(FieldFlaw::UrlMalformed))?;
    let is_sent_to = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => url.host().is_some_and(|host| is_loopback(&host)),
        _ => false,
    };
    if !is_sent_to {
        return Err(flaw(FieldFlaw::UrlScheme));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(flaw(FieldFlaw::UrlParts));
    }
    Ok(url)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => Ipv4Addr::is_loopback(address),
        Host::Ipv6(address) => Ipv6Addr::is_loopback(address),
    }
}

/// The host of an address that was read before.
#[must_use]
pub fn host(url: &str) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// The secret of a webhook, as receivers are given it.
pub async fn secret(app: &App, id: &str) -> Result<Zeroizing<String>> {
    let secret = key::key(app).await?.of_webhook(id);
    Ok(Zeroizing::new(format!("whsec_{}", BASE64.encode(&*secret))))
}

/// What a browser is given that may show a webhook's secret for a while.
pub async fn page_token(app: &App, id: &str) -> Result<Token> {
    Ok(key::key(app).await?.of_webhooks_page(id))
}

/// Adds a webhook. Returns its id.
///
/// # Errors
/// [`Error::InvalidField`].
pub async fn add(app: &App, new: NewWebhook, actor: &Actor) -> Result<String> {
    let now = app.clock.now();
    let row = Webhook {
        id: random::id()?,
        url: address(&new.url)?.into(),
        objects: new.objects,
        created: now,
        created_by: actor.name.clone(),
        disabled: None,
    };
    // Made before anything is to be signed with it.
    key::key(app).await?;
    let actor = actor.clone();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                allowed(tx, &actor).await?;
                webhook::insert(tx, &row).await?;
                tx.record(event(&row, Event::WebhookAdded, now, &actor));
                Ok(row.id)
            })
        })
        .await
}

/// Changes where a webhook is told, or of what.
///
/// # Errors
/// [`Error::InvalidField`], [`Error::NotFound`].
pub async fn change(app: &App, id: &str, new: NewWebhook, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let url: String = address(&new.url)?.into();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                allowed(tx, &actor).await?;
                let before = there(tx, &id).await?;
                webhook::update(tx, &id, &url, &new.objects).await?;
                let row = Webhook {
                    url,
                    objects: new.objects,
                    ..before
                };
                tx.record(event(&row, Event::WebhookChanged, now, &actor));
                Ok(())
            })
        })
        .await
}

/// Sends nothing to a webhook any more: what waits for it waits until it is enabled, and what happens meanwhile it is not told.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is disabled.
pub async fn disable(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let since = Some(app.clock.now());
    set_disabled(app, id, since, actor, Event::WebhookDisabled).await
}

/// Tells a webhook of events again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] if it is not disabled.
pub async fn enable(app: &App, id: &str, actor: &Actor) -> Result<()> {
    set_disabled(app, id, None, actor, Event::WebhookEnabled).await
}

async fn set_disabled(
    app: &App,
    id: &str,
    since: Option<Timestamp>,
    actor: &Actor,
    happened: fn(WebhookFacts) -> Event,
) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                allowed(tx, &actor).await?;
                let row = there(tx, &id).await?;
                if !webhook::set_disabled(tx, &id, since).await? {
                    return Err(Conflict::WebhookState.into());
                }
                tx.record(event(&row, happened, now, &actor));
                Ok(())
            })
        })
        .await
}

/// Removes a webhook, with what was sent to it and what waits for it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, id: &str, actor: &Actor) -> Result<()> {
    let now = app.clock.now();
    let (id, actor) = (id.to_owned(), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                allowed(tx, &actor).await?;
                let row = there(tx, &id).await?;
                webhook::delete(tx, &id).await?;
                tx.record(event(&row, Event::WebhookRemoved, now, &actor));
                Ok(())
            })
        })
        .await
}

/// Sends something again that a webhook was sent, or now what waits for it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while it is being sent.
pub async fn send_again(app: &App, webhook: &str, sequence: i64, actor: &Actor) -> Result<()> {
    let now = outbox::now(app).await?;
    let (id, actor) = (format!("{webhook}-{sequence}"), actor.clone());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                allowed(tx, &actor).await?;
                outbox::send_again(tx, &id, now).await
            })
        })
        .await
}

/// Whoever acts must be an administrator still.
async fn allowed(tx: &mut Transaction, actor: &Actor) -> Result<()> {
    administrator::lock_all(tx).await?;
    check_actor(tx, actor).await
}

async fn there(tx: &mut Transaction, id: &str) -> Result<Webhook> {
    let found = webhook::by_id(tx.reader(), id).await?;
    found.ok_or(Error::NotFound(Object::Webhook))
}

fn event(
    row: &Webhook,
    happened: fn(WebhookFacts) -> Event,
    now: Timestamp,
    actor: &Actor,
) -> NewEvent {
    let facts = WebhookFacts {
        host: host(&row.url),
        objects: row.objects.iter().map(ToString::to_string).collect(),
    };
    NewEvent::new(now, actor, &row.id, happened(facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_of_this_machine() {
        for good in [
            "https://example.org/hook",
            " https://example.org ",
            "https://10.1.2.3:8443/x?y=z",
            "http://localhost:9000/",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000/",
        ] {
            address(good).unwrap();
        }
        for bad in [
            "",
            "example.org",
            "http://example.org/",
            "http://localhost.example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://",
            "https://user@example.org/",
            "https://user:password@example.org/",
            "https://example.org/#part",
        ] {
            let refused = address(bad).unwrap_err();
            assert!(matches!(refused, Error::InvalidField { .. }), "{bad}");
        }
        address(&format!("https://example.org/{}", "x".repeat(500))).unwrap_err();
    }
}
