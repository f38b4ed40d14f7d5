//! The audit trail.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::json;
use time::Duration;

use enroll_server_model::{EventKind, ObjectKind, Timestamp};
use enroll_server_service::query::{
    self, AdministratorSummary, EventFilter, EventSummary, Page, Wanted,
};
use enroll_server_service::{App, error};

use super::day::midnight;
use super::export::{Export, Form, Lines, all_after};
use super::guard::SignedIn;
use super::history::{DeedRow, Row};
use super::label;
use super::list::{List, ListAddress};
use super::page::{Answer, page};
use super::view::{Filter, ListView, Moment, Section, Shell};
use crate::words::{Markup, Text, Words};

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
pub struct AuditAddress {
    #[serde(flatten)]
    list: ListAddress,
    /// The kind of object.
    #[serde(default)]
    about: String,
    #[serde(default)]
    kind: String,
    /// Words of the names of people.
    #[serde(default)]
    person: String,
    /// The id of a colleague.
    #[serde(default)]
    actor: String,
    /// A network address.
    #[serde(default)]
    source: String,
    /// The first and the last day, in UTC: `2026-07-23`.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// One of a list to choose from.
struct Choosable {
    value: String,
    label: Text,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    /// The last days, to choose with one click.
    periods: Vec<Filter>,
    /// What narrows the list, each a link that takes it away.
    narrowed_by: Vec<Filter>,
    person: String,
    source: String,
    from: String,
    to: String,
    kinds: Vec<Choosable>,
    actors: Vec<Choosable>,
    rows: Vec<DeedRow>,
    /// What the last check of the seals found; none before the first.
    checked: Option<Markup>,
    checked_well: bool,
}

/// The column by which it is sorted.
const COLUMNS: [(&str, (), bool); 1] = [("when", (), true)];

/// What the list's address asks for.
struct Asked {
    list: List,
    filter: EventFilter,
    descending: bool,
}

impl Asked {
    fn new(words: Words, address: &AuditAddress) -> Self {
        let about: Option<ObjectKind> = address.about.parse().ok();
        let kind: Option<EventKind> = address.kind.parse().ok();
        let since = midnight(&address.from);
        let until = midnight(&address.to);
        let abouts = [
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
        let person = address.person.trim();
        let source = address.source.trim();
        let list = List::new("/audit", &address.list)
            .narrowed("person", person)
            .narrowed("actor", &address.actor)
            .narrowed("kind", kind.map_or("", EventKind::as_str))
            .narrowed("source", source)
            .narrowed("from", since.map_or("", |_| address.from.trim()))
            .narrowed("to", until.map_or("", |_| address.to.trim()))
            .filtered("about", about.map_or("", ObjectKind::as_str), abouts);
        let (list, sorting) = list.sorted(&address.list, &COLUMNS);
        Self {
            filter: EventFilter {
                about,
                kind,
                actor: address.actor.clone(),
                source: source.to_owned(),
                person: person.to_owned(),
                since: since.map(Timestamp::from),
                until: until.map(|day| Timestamp::from(day.saturating_add(Duration::DAY))),
            },
            list,
            descending: sorting.is_none_or(|sorting| sorting.descending),
        }
    }

    async fn read(&self, app: &App, wanted: Wanted<'_>) -> error::Result<Page<EventSummary>> {
        query::events(app, &self.filter, self.descending, wanted).await
    }
}

fn actors(words: Words, colleagues: &[AdministratorSummary], chosen: &str) -> Vec<Choosable> {
    let anybody = Choosable {
        value: String::new(),
        label: words.audit_anybody(),
        chosen: chosen.is_empty(),
    };
    let each = colleagues.iter().map(|one| Choosable {
        value: one.administrator.id.clone(),
        label: words
            .audit_colleague(&one.administrator.name, &one.administrator.email)
            .into_owned()
            .into(),
        chosen: one.administrator.id == chosen,
    });
    [anybody].into_iter().chain(each).collect()
}

fn kinds(words: Words, chosen: Option<EventKind>) -> Vec<Choosable> {
    let any = Choosable {
        value: String::new(),
        label: words.audit_anything(),
        chosen: chosen.is_none(),
    };
    let mut each: Vec<_> = EventKind::ALL
        .iter()
        .map(|kind| Choosable {
            value: kind.as_str().to_owned(),
            label: label::event_kind(words, *kind),
            chosen: Some(*kind) == chosen,
        })
        .collect();
    each.sort_by(|one, other| one.label.cmp(&other.label));
    [any].into_iter().chain(each).collect()
}

/// The last days up to now, each a link that narrows the list to them.
fn periods(words: Words, list: &ListView, from: &str, to: &str, now: Timestamp) -> Vec<Filter> {
    [7_u32, 30]
        .into_iter()
        .map(|days| {
            let first = now.minus(std::time::Duration::from_secs(
                u64::from(days) * 24 * 60 * 60,
            ));
            let mut day = first.rfc3339();
            day.truncate("2026-07-23".len());
            Filter {
                href: list.href(list.path, &[("to", ""), ("from", &day)]),
                label: words.audit_last_days(days),
                current: from == day && to.is_empty(),
            }
        })
        .collect()
}

/// What narrows the list, in words, with the parameters that say it.
fn narrowed_by(words: Words, list: &ListView, page: &AuditPageParts<'_>) -> Vec<Filter> {
    let chosen = |options: &[Choosable]| {
        let chosen = options
            .iter()
            .find(|one| one.chosen && !one.value.is_empty());
        chosen.map(|one| one.label.clone())
    };
    let typed = |text: &str, label: &dyn Fn(&str) -> Text| {
        (!text.is_empty()).then(|| label(text).into_owned().into())
    };
    let all: [(&str, Option<Text>); 6] = [
        (
            "person",
            typed(page.person, &|text| words.audit_chip_person(text)),
        ),
        ("actor", chosen(page.actors)),
        ("kind", chosen(page.kinds)),
        (
            "source",
            typed(page.source, &|text| words.audit_chip_source(text)),
        ),
        (
            "from",
            typed(page.from, &|text| words.audit_chip_from(text)),
        ),
        ("to", typed(page.to, &|text| words.audit_chip_to(text))),
    ];
    all.into_iter()
        .filter_map(|(name, label)| {
            Some(Filter {
                href: list.href(list.path, &[(name, "")]),
                label: label?,
                current: true,
            })
        })
        .collect()
}

struct AuditPageParts<'a> {
    person: &'a str,
    source: &'a str,
    from: &'a str,
    to: &'a str,
    kinds: &'a [Choosable],
    actors: &'a [Choosable],
}

/// `GET /audit`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<AuditAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address);
    let wanted = asked.list.wanted();
    let found = query::deeds(&app, &asked.filter, asked.descending, wanted).await?;
    let colleagues = query::colleagues(&app).await?;
    let kinds = kinds(words, asked.filter.kind);
    let actors = actors(words, &colleagues, &asked.filter.actor);
    let from = asked.filter.since.map_or("", |_| address.from.trim());
    let to = asked.filter.until.map_or("", |_| address.to.trim());
    let filter = asked.filter;
    let list = asked.list.around(words, &found);
    let parts = AuditPageParts {
        person: &filter.person,
        source: &filter.source,
        from,
        to,
        kinds: &kinds,
        actors: &actors,
    };
    let (checked, checked_well) = match app.audit_check.latest() {
        None => (None, true),
        Some(check) => {
            let at = Moment::new(words, check.at, now).inline();
            match check.broken {
                None => (Some(words.audit_whole(check.events, at)), true),
                Some(sequence) => (Some(words.audit_broken(sequence, at)), false),
            }
        }
    };
    page(&AuditPage {
        words,
        shell: signed_in.shell(&app, words, Section::Audit),
        title: words.audit_title(),
        periods: periods(words, &list, from, to, now),
        narrowed_by: narrowed_by(words, &list, &parts),
        list,
        person: filter.person.clone(),
        source: filter.source.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        kinds,
        actors,
        rows: found
            .rows
            .iter()
            .map(|deed| DeedRow::new(words, deed, now))
            .collect(),
        checked,
        checked_well,
    })
}

/// `GET /audit.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<AuditAddress>,
) -> Answer {
    let asked = Arc::new(Asked::new(words, &address));
    let export = Export {
        name: "audit",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.audit_number(),
            words.audit_when(),
            words.audit_what(),
            words.audit_to_whom(),
            words.audit_details(),
            words.audit_who(),
            words.audit_address(),
        ],
    };
    let now = app.clock.now();
    export.start(app, signed_in.actor(), Form::Csv, move |app, from| {
        let asked = asked.clone();
        async move {
            let page = asked.read(&app, all_after(from.as_ref())).await?;
            Ok(Lines::of(&page, |summary| {
                let row = Row::new(words, summary, now);
                vec![
                    row.sequence.to_string(),
                    summary.event.at.rfc3339(),
                    row.text.into_owned(),
                    row.about,
                    row.detail,
                    row.actor.into_owned(),
                    row.source,
                ]
            }))
        }
    })
}

/// `GET /audit.jsonl`: each event as it is on record, with the hash that seals it.
pub async fn json_lines(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<AuditAddress>,
) -> Answer {
    let asked = Arc::new(Asked::new(words, &address));
    let export = Export {
        name: "audit",
        narrowing: asked.list.narrowing(),
        columns: Vec::new(),
    };
    export.start(app, signed_in.actor(), Form::JsonLines, move |app, from| {
        let asked = asked.clone();
        async move {
            let page = asked.read(&app, all_after(from.as_ref())).await?;
            Ok(Lines::of_json(&page, |summary| {
                let event = &summary.event;
                let detail: serde_json::Value =
                    serde_json::from_str(&event.detail).unwrap_or_default();
                json!({
                    "sequence": event.sequence,
                    "at": event.at.rfc3339(),
                    "at_microseconds": event.at.0,
                    "kind": event.kind.as_str(),
                    "actor": {
                        "kind": event.actor_kind.as_str(),
                        "id": event.actor_id,
                        "name": event.actor_name,
                        "source": event.source,
                    },
                    "object": {
                        "kind": event.object_kind.as_str(),
                        "id": event.object_id,
                        "holder_name": summary.holder_name,
                        "phone_name": summary.phone_name,
                    },
                    "detail": detail,
                    "hash": event.hash,
                })
            }))
        }
    })
}
