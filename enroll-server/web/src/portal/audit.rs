//! The audit trail.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use enroll_server_model::ObjectKind;
use enroll_server_service::{App, query};

use super::address;
use super::guard::SignedIn;
use super::history::Row;
use super::page::{Answer, page};
use super::paging;
use super::view::{Filter, Pager, Section, Shell};
use crate::words::Words;

const PATH: &str = "/audit";

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    about: String,
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    words: Words,
    shell: Shell,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    pager: Pager,
}

fn filters(words: Words, chosen: Option<ObjectKind>) -> Vec<Filter> {
    [
        (None, words.filter_all()),
        (Some(ObjectKind::Holder), words.holders_title()),
        (Some(ObjectKind::Invitation), words.invitations_title()),
        (Some(ObjectKind::Phone), words.phones_title()),
        (Some(ObjectKind::Certificate), words.certificates_title()),
        (Some(ObjectKind::Issuer), words.audit_authority()),
        (
            Some(ObjectKind::Administrator),
            words.audit_administrators(),
        ),
    ]
    .into_iter()
    .map(|(about, label)| Filter {
        href: address::with_query(PATH, &[("about", about.map_or("", ObjectKind::as_str))]),
        label,
        current: about == chosen,
    })
    .collect()
}

/// `GET /audit`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let about: Option<ObjectKind> = wanted.about.parse().ok();
    let before: Option<i64> = wanted.before.parse().ok();
    let mut events = query::events(&app, about, before, paging::limit()).await?;
    let more = events.len() > paging::ROWS;
    events.truncate(paging::ROWS);
    let word = about.map_or("", ObjectKind::as_str);
    let next = events.last().filter(|_| more).map(|last| {
        let before = last.sequence.to_string();
        address::with_query(PATH, &[("about", word), ("before", &before)])
    });
    page(&AuditPage {
        words,
        shell: signed_in.shell(&app, words, Section::Audit).await?,
        filters: filters(words, about),
        rows: events
            .iter()
            .map(|event| Row::new(words, event, now))
            .collect(),
        pager: Pager {
            newest: before.map(|_| address::with_query(PATH, &[("about", word)])),
            next,
        },
    })
}
