//! Webhooks, and what they were sent.

use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::outbox::{self, Delivery};
use enroll_server_store::webhook::{self, Webhook};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// How many of its deliveries a webhook's page has.
pub const DELIVERIES: i64 = 50;

/// A webhook's page.
#[derive(Clone, Debug)]
pub struct WebhookView {
    /// The webhook.
    pub webhook: Webhook,
    /// The latest of what it is sent, newest first, each with its event.
    pub deliveries: Vec<(Delivery, Option<RecordedEvent>)>,
}

/// A webhook, and what comes next there.
#[derive(Clone, Debug)]
pub struct WebhookSummary {
    /// The webhook.
    pub webhook: Webhook,
    /// What is to be sent first.
    pub next: Option<Delivery>,
}

/// All webhooks, the oldest first.
pub async fn webhooks(app: &App) -> Result<Vec<WebhookSummary>> {
    let mut all = Vec::new();
    for webhook in webhook::all(app.store.reader()).await? {
        let next = outbox::first(app.store.reader(), &webhook.id).await?;
        all.push(WebhookSummary { webhook, next });
    }
    Ok(all)
}

/// One webhook.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn webhook(app: &App, id: &str) -> Result<Webhook> {
    let found = webhook::by_id(app.store.reader(), id).await?;
    found.ok_or(Error::NotFound(Object::Webhook))
}

/// One webhook with its deliveries.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn webhook_view(app: &App, id: &str) -> Result<WebhookView> {
    let webhook = webhook(app, id).await?;
    let mut deliveries = Vec::new();
    for delivery in outbox::latest(app.store.reader(), id, DELIVERIES).await? {
        let event = audit::by_sequence(app.store.reader(), delivery.sequence).await?;
        deliveries.push((delivery, event));
    }
    Ok(WebhookView {
        webhook,
        deliveries,
    })
}
