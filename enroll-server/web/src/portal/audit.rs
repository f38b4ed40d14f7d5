//! The audit trail.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::ObjectKind;
use enroll_server_service::{App, query};

use super::guard::SignedIn;
use super::history::Row;
use super::list::{List, ListAddress};
use super::page::{Answer, page};
use super::view::{Filter, Pager, Section, Shell};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
    filtered: bool,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /audit`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let about: Option<ObjectKind> = address.state.parse().ok();
    let list =
        List::new("/audit", &address).filtered("about", about.map_or("", ObjectKind::as_str));
    let found = query::events(&app, about, list.after()).await?;
    let filters = [
        ("", words.filter_all()),
        (ObjectKind::Holder.as_str(), words.holders_title()),
        (ObjectKind::Invitation.as_str(), words.invitations_title()),
        (ObjectKind::Phone.as_str(), words.phones_title()),
        (ObjectKind::Certificate.as_str(), words.certificates_title()),
        (ObjectKind::Issuer.as_str(), words.audit_authority()),
        (
            ObjectKind::Administrator.as_str(),
            words.audit_administrators(),
        ),
    ];
    page(&AuditPage {
        words,
        shell: signed_in.shell(&app, words, Section::Audit),
        title: words.audit_title(),
        empty: found.rows.is_empty(),
        // There is always an event: where none is shown, the filter hides it.
        filtered: true,
        filters: list.filters(filters),
        rows: found
            .rows
            .iter()
            .map(|row| Row::new(words, row, now))
            .collect(),
        pager: list.pager(&found),
    })
}
