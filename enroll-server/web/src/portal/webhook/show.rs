//! One webhook: what it was sent and is to be sent, and what to do about it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use zeroize::Zeroizing;

use enroll_server_model::{DeliveryState, Timestamp};
use enroll_server_service::query::{self, Delivery, RecordedEvent};
use enroll_server_service::{App, webhook as service};

use super::form::object_name;
use crate::portal::guard::SignedIn;
use crate::portal::history;
use crate::portal::label;
use crate::portal::link_cookie;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::words::{Text, Words};

struct Row {
    sequence: i64,
    what: Text,
    at: Moment,
    tag: Tag,
    attempts: i64,
    /// How the last attempt ended.
    answer: Text,
    /// When it is tried next.
    next: Option<Moment>,
    is_delivered: bool,
}

impl Row {
    fn new(
        words: Words,
        delivery: &Delivery,
        event: Option<&RecordedEvent>,
        now: Timestamp,
    ) -> Self {
        let is_waiting = delivery.state == DeliveryState::Waiting;
        let waits = is_waiting && delivery.attempts > 0 && delivery.lease.is_empty();
        Self {
            sequence: delivery.sequence,
            what: event.map_or_else(Text::default, |event| {
                history::sentence(words, &event.event())
            }),
            at: Moment::new(words, delivery.created, now),
            tag: label::delivery_tag(words, delivery),
            attempts: delivery.attempts,
            answer: label::outcome(words, delivery),
            next: waits.then(|| Moment::new(words, delivery.next_attempt, now)),
            is_delivered: delivery.state == DeliveryState::Delivered,
        }
    }
}

#[derive(Template)]
#[template(path = "webhooks/show.html")]
struct ShowPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    host: String,
    url: &'a str,
    tag: Tag,
    is_disabled: bool,
    /// The secret, if this browser added the webhook not long ago.
    secret: Option<Zeroizing<String>>,
    objects: String,
    added_by: &'a str,
    created: Moment,
    rows: Vec<Row>,
}

/// `GET /webhooks/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
) -> Answer {
    let now = app.clock.now();
    let found = query::webhook_view(&app, &id).await?;
    let webhook = &found.webhook;
    let next = found
        .deliveries
        .iter()
        .map(|(delivery, _)| delivery)
        .filter(|delivery| delivery.state == DeliveryState::Waiting)
        .min_by_key(|delivery| delivery.sequence);
    let may_show = match link_cookie::token(&jar, &format!("/webhooks/{id}")) {
        Some(token) => token == service::page_token(&app, &id).await?,
        None => false,
    };
    let secret = if may_show {
        Some(service::secret(&app, &id).await?)
    } else {
        None
    };
    let objects = webhook.objects.iter();
    let objects: Vec<_> = objects.map(|kind| object_name(words, *kind)).collect();
    page(&ShowPage {
        words,
        shell: signed_in.shell(&app, words, Section::Webhooks),
        id: &id,
        host: service::host(&webhook.url),
        url: &webhook.url,
        tag: label::webhook_tag(words, webhook, next),
        is_disabled: webhook.disabled.is_some(),
        secret,
        objects: objects.join(", "),
        added_by: &webhook.created_by,
        created: Moment::new(words, webhook.created, now),
        rows: found
            .deliveries
            .iter()
            .map(|(delivery, event)| Row::new(words, delivery, event.as_ref(), now))
            .collect(),
    })
}

/// `POST /webhooks/{id}/disable`
pub async fn disable(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::disable(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::WebhookDisabled);
    Ok(Redirect::to(&format!("/webhooks/{id}")).into_response())
}

/// `POST /webhooks/{id}/enable`
pub async fn enable(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    service::enable(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::WebhookEnabled);
    Ok(Redirect::to(&format!("/webhooks/{id}")).into_response())
}

/// `POST /webhooks/{id}/deliveries/{sequence}/again`
pub async fn send_again(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path((id, sequence)): Path<(String, i64)>,
) -> Answer {
    service::send_again(&app, &id, sequence, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::SentAgain);
    Ok(Redirect::to(&format!("/webhooks/{id}")).into_response())
}
