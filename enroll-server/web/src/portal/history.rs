//! Events of the audit trail as sentences.

use serde_json::{Map, Value};

use enroll_server_model::{
    ActorKind, EventKind, ObjectKind, ProfileName, RevocationReason, Timestamp,
};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Profile, RecordedEvent as Event};

use super::view::Moment;
use super::words;

/// Events that a page about one object shows.
const SHOWN: i64 = 20;

/// An event as a line of a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// What happened.
    pub text: String,
    /// The page of what it happened to, where that is another page.
    pub href: Option<String>,
    /// What it happened to, and who did it, as far as it is worth a word.
    pub about: String,
    /// When.
    pub at: Moment,
}

/// An event as a row of the audit page.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number.
    pub sequence: i64,
    /// What happened.
    pub text: String,
    /// The page of what it happened to.
    pub href: Option<String>,
    /// What else there is to know.
    pub detail: String,
    /// Who did it.
    pub actor: String,
    /// From which address.
    pub source: String,
    /// When.
    pub at: Moment,
}

impl Line {
    /// The line for an event on the page of what it happened to.
    fn at_home(event: &Event, now: Timestamp) -> Self {
        Self {
            text: sentence(event),
            href: None,
            about: by(event).unwrap_or_default(),
            at: Moment::new(event.at.date_time(), now.date_time()),
        }
    }

    /// The line for an event elsewhere.
    async fn elsewhere(app: &App, event: &Event, now: Timestamp) -> Result<Self> {
        let parts = [subject(app, event).await?, by(event)];
        Ok(Self {
            href: href(event),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            ..Self::at_home(event, now)
        })
    }
}

/// Who did it, or how, unless it was the server itself.
fn by(event: &Event) -> Option<String> {
    match (event.kind, event.actor_kind) {
        (_, ActorKind::System) => None,
        (EventKind::AdministratorCreated, ActorKind::Anonymous) => {
            Some("through the set-up link".to_owned())
        }
        (_, ActorKind::Invitation) => Some("by invitation".to_owned()),
        _ => Some(format!("by {}", actor(event))),
    }
}

/// What it happened to, where the sentence does not say it.
async fn subject(app: &App, event: &Event) -> Result<Option<String>> {
    let (phone, holder) = query::names_in(app, event).await?;
    Ok(match (event.kind, phone, holder) {
        // Their sentences have the name already.
        (EventKind::InvitationCreated, ..) => None,
        (EventKind::PhoneEnrolled, _, holder) => holder,
        (_, Some(phone), Some(holder)) => Some(format!("{phone} of {holder}")),
        (_, phone, holder) => phone.or(holder),
    })
}

impl Row {
    /// The row for an event.
    #[must_use]
    pub fn new(event: &Event, now: Timestamp) -> Self {
        Self {
            sequence: event.sequence,
            text: sentence(event),
            href: href(event),
            detail: detail(event),
            actor: words::sentence_start(&actor(event)),
            source: event.source.clone(),
            at: Moment::new(event.at.date_time(), now.date_time()),
        }
    }
}

/// What happened to one object, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of(app: &App, kind: ObjectKind, id: &str) -> Result<Vec<Line>> {
    let now = app.clock.now();
    let events = query::events_about(app, kind, id, SHOWN).await?;
    Ok(events
        .iter()
        .map(|event| Line::at_home(event, now))
        .collect())
}

/// The latest events that say something about people and phones, newest first.
///
/// # Errors
/// If the database fails.
pub async fn latest(app: &App, now: Timestamp, lines: usize) -> Result<Vec<Line>> {
    let events = query::events(app, None, None, 100).await?;
    let mut shown = Vec::new();
    for event in events
        .iter()
        .filter(|event| !is_part_of_another(event, &events))
        .take(lines)
    {
        shown.push(Line::elsewhere(app, event, now).await?);
    }
    Ok(shown)
}

/// Whether an event is a step of a larger deed that has an event of its own, or the server's daily work.
fn is_part_of_another(event: &Event, events: &[Event]) -> bool {
    let together_with = |kind: EventKind| {
        events
            .iter()
            .any(|other| other.kind == kind && other.at == event.at)
    };
    match event.kind {
        EventKind::CertificateReserved
        | EventKind::CertificateIssued
        | EventKind::InvitationUsed
        | EventKind::CrlPublished
        | EventKind::SetupLinkCreated => true,
        EventKind::CertificateRevoked => together_with(EventKind::PhoneRevoked),
        EventKind::HolderCreated => together_with(EventKind::InvitationCreated),
        _ => false,
    }
}

fn fields(event: &Event) -> Map<String, Value> {
    serde_json::from_str(&event.detail).unwrap_or_default()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What happened, in one sentence.
fn sentence(event: &Event) -> String {
    let fields = fields(event);
    let field = |name: &str| fields.get(name).and_then(text_of);
    let named = |what: &str, name: &str, verb: &str| match field(name) {
        Some(name) => format!("{what} {name} {verb}"),
        None => format!("{what} {verb}"),
    };
    let purpose = || {
        let profile = field("profile").and_then(|name| name.parse::<ProfileName>().ok());
        let of_profile = profile.and_then(|name| Profile::named(name).slot);
        match (field("slot"), of_profile, profile) {
            (Some(slot), ..) => format!("Certificate “{}”", words::slot(&slot).purpose),
            (None, Some(slot), _) => {
                format!("Certificate “{}”", words::slot(slot.as_str()).purpose)
            }
            (None, None, Some(_)) => "Certificate of the server".to_owned(),
            (None, None, None) => "Certificate".to_owned(),
        }
    };
    match event.kind {
        EventKind::AuthorityCreated => named("Certificate authority", "name", "created"),
        EventKind::SetupLinkCreated => "Set-up link printed".to_owned(),
        EventKind::AdministratorCreated => named("Administrator", "name", "added"),
        EventKind::SignIn => "Signed in".to_owned(),
        EventKind::SignInRefused => "Sign-in refused".to_owned(),
        EventKind::SignOut => "Signed out".to_owned(),
        EventKind::HolderCreated => named("Holder", "name", "added"),
        EventKind::InvitationCreated => match field("name").or_else(|| field("holder_name")) {
            Some(name) => format!("{name} invited"),
            None => "Invitation created".to_owned(),
        },
        EventKind::InvitationCancelled => "Invitation cancelled".to_owned(),
        EventKind::InvitationUsed => "Invitation used".to_owned(),
        EventKind::PhoneEnrolled => named("Phone", "name", "enrolled"),
        EventKind::PhoneRevoked => "Phone revoked".to_owned(),
        EventKind::CertificateReserved => format!("{} about to be signed", purpose()),
        EventKind::CertificateIssued => format!("{} issued", purpose()),
        EventKind::CertificateRevoked => format!("{} revoked", purpose()),
        EventKind::IssuanceAbandoned => format!("{} given up and revoked", purpose()),
        EventKind::CrlPublished => named("Revocation list", "number", "published"),
    }
}

/// What else an event says, for whoever looks closely.
fn detail(event: &Event) -> String {
    const TOLD: [(&str, &str); 8] = [
        ("reason", "reason"),
        ("certificates", "certificates"),
        ("profile", "profile"),
        ("slot", "slot"),
        ("serial", "serial"),
        ("email", "email"),
        ("upn", "UPN"),
        ("entries", "entries"),
    ];
    let fields = fields(event);
    TOLD.iter()
        .filter_map(|(name, label)| {
            let text = fields.get(*name).and_then(text_of)?;
            Some(match text.parse::<RevocationReason>() {
                Ok(reason) if *name == "reason" => {
                    format!("{label}: {}", words::reason(reason).name)
                }
                _ => format!("{label}: {text}"),
            })
        })
        .collect::<Vec<_>>()
        .join(" · ")
}

fn actor(event: &Event) -> String {
    match event.actor_kind {
        ActorKind::System => "The server".to_owned(),
        ActorKind::Administrator => event.actor_name.clone(),
        ActorKind::Invitation => format!("{}, by invitation", event.actor_name),
        ActorKind::Anonymous if event.actor_name.is_empty() => "somebody unknown".to_owned(),
        ActorKind::Anonymous => format!("somebody as {}", event.actor_name),
    }
}

fn href(event: &Event) -> Option<String> {
    let path = match event.object_kind {
        ObjectKind::Holder => "holders",
        ObjectKind::Invitation => "invitations",
        ObjectKind::Phone => "phones",
        // The server's own certificates have no page, and those that are not signed yet have none either.
        ObjectKind::Certificate
            if event.kind != EventKind::CertificateReserved
                && event.actor_kind != ActorKind::System =>
        {
            "certificates"
        }
        _ => return None,
    };
    (!event.object_id.is_empty()).then(|| format!("/{path}/{}", event.object_id))
}
