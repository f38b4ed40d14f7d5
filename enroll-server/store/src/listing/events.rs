//! Lists of what happened.

use enroll_server_model::{EventKind, ObjectKind, Timestamp};

use super::statement::{self, Conditions, Counted, Key, Order, Place, Span, Table};
use crate::audit::{RecordedEvent, event_columns};
use crate::error::Result;
use crate::search::{PEOPLE, Patterns};
use crate::sql::{Reader, from_row};

/// An event with the names that people know of what it is about.
#[derive(Clone, Debug)]
pub struct EventSummary {
    /// The event.
    pub event: RecordedEvent,
    /// The id of the holder, invitation, phone or certificate that it is about; none if it is gone or another object.
    pub home: Option<String>,
    /// The phone's name, if it is about a phone.
    pub phone_name: Option<String>,
    /// The holder's name, if it is about something of a holder's.
    pub holder_name: Option<String>,
}

from_row!(EventSummary {
    event: whole,
    home,
    phone_name,
    holder_name
});

macro_rules! events_with_names {
    () => {
        "audit_events e \
         LEFT JOIN phones p ON e.object_kind = 'phone' AND p.id = e.object_id \
         LEFT JOIN invitations i ON e.object_kind = 'invitation' AND i.id = e.object_id \
         LEFT JOIN certificates c ON e.object_kind = 'certificate' AND c.id = e.object_id \
         LEFT JOIN holders o ON e.object_kind = 'holder' AND o.id = e.object_id \
         LEFT JOIN holders h ON h.id = COALESCE(p.holder_id, i.holder_id, c.holder_id)"
    };
}

macro_rules! summary_columns {
    () => {
        concat!(
            event_columns!(),
            ", COALESCE(p.id, i.id, c.id, o.id) AS home, p.name AS phone_name, h.name AS holder_name"
        )
    };
}

macro_rules! event_summary {
    () => {
        concat!(
            "SELECT ",
            summary_columns!(),
            " FROM ",
            events_with_names!(),
            " WHERE "
        )
    };
}

/// Which events are about a holder and what is theirs. Each kind of object by its own index.
macro_rules! of_holder {
    ($kind:literal, $objects:literal) => {
        concat!(
            "SELECT e.sequence FROM audit_events e WHERE e.object_kind = '",
            $kind,
            "' AND e.object_id IN (",
            $objects,
            ")",
        )
    };
}

/// What happened to a holder and to all that is theirs, newest first.
pub async fn events_of_holder<'e>(
    on: impl Reader<'e>,
    holder_id: &str,
    limit: i64,
) -> Result<Vec<EventSummary>> {
    Ok(sqlx::query_as(concat!(
        event_summary!(),
        "e.sequence IN (",
        of_holder!("holder", "$1"),
        " UNION ALL ",
        of_holder!("phone", "SELECT p.id FROM phones p WHERE p.holder_id = $1"),
        " UNION ALL ",
        of_holder!(
            "invitation",
            "SELECT i.id FROM invitations i WHERE i.holder_id = $1"
        ),
        " UNION ALL ",
        of_holder!(
            "certificate",
            "SELECT c.id FROM certificates c WHERE c.holder_id = $1"
        ),
        ") ORDER BY e.sequence DESC LIMIT $2",
    ))
    .bind(holder_id)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Which events a list is of; what is empty narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// About this kind of object.
    pub about: Option<ObjectKind>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// By the administrator with this id.
    pub actor: String,
    /// From this address.
    pub source: String,
    /// About people in whose names all these words are found, and what is theirs.
    pub person: String,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

impl EventSummary {
    /// Where it is in the list.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            key: self.event.at.into(),
            id: Key::Number(self.event.sequence),
        }
    }
}

const TABLE: Table = Table {
    columns: summary_columns!(),
    from: events_with_names!(),
    counted: "audit_events e",
    id: "e.sequence",
};

/// Whom an event is about, in words.
const PERSON: &str = "('\n' || COALESCE(o.search, h.search))";

/// The ids of what people have of one kind of objects, with `{}` for the people.
const OBJECTS: [(&str, &str); 4] = [
    ("holder", "{}"),
    (
        "phone",
        "SELECT p.id FROM phones p WHERE p.holder_id IN ({})",
    ),
    (
        "invitation",
        "SELECT i.id FROM invitations i WHERE i.holder_id IN ({})",
    ),
    (
        "certificate",
        "SELECT c.id FROM certificates c WHERE c.holder_id IN ({})",
    ),
];

fn conditions(filter: &EventFilter, is_common: bool) -> Conditions {
    let mut conditions = Conditions::default();
    match (Patterns::of(&filter.person), is_common) {
        (Some(patterns), true) => {
            let (condition, values) = patterns.all_in(PERSON);
            conditions.look_at(condition, values.into_iter().map(Key::Text).collect());
        }
        (Some(patterns), false) => of_people(&mut conditions, &patterns),
        (None, _) => {}
    }
    // What an event is tells what it is about: there is an index for the one, and one for the other.
    match (filter.about, filter.kind) {
        (Some(about), Some(kind)) if kind.object_kind() != about => conditions.add("1 = 0", []),
        (_, Some(kind)) => {
            conditions.add("e.kind = ?", [Key::Text(kind.as_str().to_owned())]);
        }
        (Some(about), None) => {
            conditions.add("e.object_kind = ?", [Key::Text(about.as_str().to_owned())]);
        }
        (None, None) => {}
    }
    if !filter.actor.is_empty() {
        conditions.add("e.actor_id = ?", [Key::Text(filter.actor.clone())]);
    }
    if !filter.source.is_empty() {
        conditions.add("e.source = ?", [Key::Text(filter.source.clone())]);
    }
    if let Some(since) = filter.since {
        conditions.add("e.at >= ?", [since.into()]);
    }
    if let Some(until) = filter.until {
        conditions.add("e.at < ?", [until.into()]);
    }
    conditions
}

/// That an event is about one of the people whom a search finds, or about something of theirs.
fn of_people(conditions: &mut Conditions, patterns: &Patterns) {
    let mut values: Vec<Key> = Vec::new();
    let mut selects = Vec::new();
    for (select, own) in patterns.selects(PEOPLE, ("", &[])) {
        selects.push(select);
        values.extend(own);
    }
    let people = selects.join(" UNION ");
    let of_kinds = OBJECTS.map(|(kind, objects)| {
        let objects = objects.replace("{}", &people);
        format!(
            "SELECT e.sequence FROM audit_events e WHERE e.object_kind = '{kind}' AND e.object_id IN ({objects})"
        )
    });
    let values = OBJECTS.iter().flat_map(|_| values.clone()).collect();
    conditions.found("e.sequence", &of_kinds.join(" UNION ALL "), values);
}

const fn order(descending: bool) -> Order {
    Order {
        key: "e.at",
        is_text: false,
        descending,
    }
}

/// Audit events in the order of time, each with what it is about.
pub async fn events<'e>(
    on: impl Reader<'e>,
    filter: &EventFilter,
    descending: bool,
    span: Span<'_>,
) -> Result<Vec<EventSummary>> {
    let order = order(descending);
    let conditions = conditions(filter, span.is_common);
    statement::rows(on, TABLE, conditions, order, span).await
}

/// How many [`events`] there are, as far as `most`; `is_common` as in [`Span`].
pub async fn count_events<'e>(
    on: impl Reader<'e>,
    filter: &EventFilter,
    descending: bool,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(filter, is_common);
    statement::count(on, TABLE, conditions, order(descending), most).await
}

/// Audit events but refused sign-ins, newest first, each with the names of what it is about.
pub async fn events_but_refused<'e>(on: impl Reader<'e>, limit: i64) -> Result<Vec<EventSummary>> {
    Ok(sqlx::query_as(concat!(
        event_summary!(),
        "e.kind <> 'sign-in-refused' ORDER BY e.sequence DESC LIMIT $1",
    ))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Refused sign-ins.
#[derive(Clone, Copy, Debug)]
pub struct Refusals {
    /// How many.
    pub count: i64,
    /// When the last was.
    pub latest: Option<Timestamp>,
}

from_row!(Refusals { count, latest });

/// The sign-ins that were refused after `since`.
pub async fn refused_sign_ins<'e>(on: impl Reader<'e>, since: Timestamp) -> Result<Refusals> {
    Ok(sqlx::query_as(
        "SELECT COUNT(*) AS count, MAX(at) AS latest FROM audit_events WHERE kind = 'sign-in-refused' AND at > $1",
    )
    .bind(since)
    .fetch_one(on)
    .await?)
}
