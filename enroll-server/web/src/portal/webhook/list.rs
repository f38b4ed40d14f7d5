//! All webhooks.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_service::query::{self, WebhookSummary};
use enroll_server_service::{App, webhook as service};

use super::form::object_name;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell, Tag};
use crate::words::Words;

struct Row {
    id: String,
    host: String,
    objects: String,
    tag: Tag,
}

impl Row {
    fn new(words: Words, found: WebhookSummary) -> Self {
        let objects = found.webhook.objects.iter();
        let objects: Vec<_> = objects.map(|kind| object_name(words, *kind)).collect();
        Self {
            host: service::host(&found.webhook.url),
            objects: objects.join(", "),
            tag: label::webhook_tag(words, &found.webhook, found.next.as_ref()),
            id: found.webhook.id,
        }
    }
}

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct ListPage {
    words: Words,
    shell: Shell,
    rows: Vec<Row>,
}

/// `GET /webhooks`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let rows = query::webhooks(&app).await?;
    page(&ListPage {
        words,
        rows: rows.into_iter().map(|row| Row::new(words, row)).collect(),
        shell: signed_in.shell(&app, words, Section::Webhooks),
    })
}
