//! What a webhook is sent: an event of the audit trail as JSON, signed as the Standard Webhooks specification has it.

use data_encoding::BASE64;
use hmac::Mac as _;
use serde::Serialize;
use serde_json::Value;

use enroll_server_model::{ActorKind, EventKind, ObjectKind};
use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::outbox::{self, Delivery};
use enroll_server_store::webhook::{self, Webhook};

use crate::app::App;
use crate::error::Result;
use crate::outbox::{key, outbox_key};

/// A message to a webhook.
#[derive(Debug)]
pub struct Message {
    /// Where it goes.
    pub url: String,
    /// `webhook-id`: the same at each attempt.
    pub id: String,
    /// `webhook-timestamp`: when this attempt was made, in seconds.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: String,
}

/// The body of a message.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    r#type: EventKind,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// The event's number in the audit trail.
    sequence: i64,
    object: Object<'a>,
    actor: Actor<'a>,
    /// What else there is to know, as the audit trail has it.
    detail: Value,
}

#[derive(Serialize)]
struct Object<'a> {
    kind: ObjectKind,
    id: &'a str,
}

#[derive(Serialize)]
struct Actor<'a> {
    kind: ActorKind,
    id: &'a str,
    name: &'a str,
}

/// The webhooks that are told of events.
pub(super) async fn enabled(app: &App) -> Result<Vec<Webhook>> {
    let mut all = webhook::all(app.store.reader()).await?;
    all.retain(|webhook| webhook.disabled.is_none());
    Ok(all)
}

/// What the webhook with this id is to be sent first, if it is told of events.
pub(super) async fn next(app: &App, id: &str) -> Result<Option<(Option<Webhook>, Delivery)>> {
    let found = webhook::by_id(app.store.reader(), id).await?;
    let Some(webhook) = found.filter(|webhook| webhook.disabled.is_none()) else {
        return Ok(None);
    };
    let first = outbox::first(app.store.reader(), id).await?;
    Ok(first.map(|first| (Some(webhook), first)))
}

/// What a webhook is to be sent now; none if the event is not there any more.
pub(super) async fn message(
    app: &App,
    webhook: &Webhook,
    delivery: &Delivery,
) -> Result<Option<Message>> {
    let Some(event) = audit::by_sequence(app.store.reader(), delivery.sequence).await? else {
        return Ok(None);
    };
    let id = message_id(&event);
    let Ok(body) = body(&id, &event) else {
        return Ok(None);
    };
    let timestamp = app.clock.now().seconds().to_string();
    let secret = key::key(app).await?.of_webhook(&webhook.id);
    Ok(Some(Message {
        url: webhook.url.clone(),
        signature: signature(&secret, &id, &timestamp, &body),
        id,
        timestamp,
        body,
    }))
}

/// The id of an event for all webhooks: of its place in this audit trail, which a database from a backup does not give again.
fn message_id(event: &RecordedEvent) -> String {
    let hash: String = event.hash.chars().take(32).collect();
    format!("evt_{hash}")
}

fn body(id: &str, event: &RecordedEvent) -> serde_json::Result<String> {
    let detail = event.event().detail()?;
    serde_json::to_string(&Body {
        id,
        r#type: event.kind,
        timestamp: event.at.rfc3339(),
        data: Data {
            sequence: event.sequence,
            object: Object {
                kind: event.object_kind,
                id: &event.object_id,
            },
            actor: Actor {
                kind: event.actor_kind,
                id: &event.actor_id,
                name: &event.actor_name,
            },
            detail: serde_json::from_str(&detail)?,
        },
    })
}

/// `v1,` and the signature, in base64, of id, time and body with points between them.
fn signature(secret: &[u8; 32], id: &str, timestamp: &str, body: &str) -> String {
    let mut mac = outbox_key::mac(secret);
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python: `base64.b64encode(hmac.digest(bytes(range(32)), b"evt_1.1700000000.{}", "sha256"))`.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let signature = signature(&secret, "evt_1", "1700000000", "{}");
        assert_eq!(signature, "v1,bXtchBV0Hi1flm60IFUb87JKA3d/Yvv8UoEjbNotegk=");
    }
}
