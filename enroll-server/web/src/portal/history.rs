//! Events of the audit trail as sentences.

use serde_json::{Map, Value};

use super::label;
use super::view::Moment;
use crate::words::{Text, Words};
use enroll_server_model::{
    ActorKind, EventKind, ObjectKind, ProfileName, RevocationReason, Timestamp,
};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Profile, RecordedEvent as Event};

/// Events that a page about one object shows.
const SHOWN: i64 = 20;

/// An event as a line of a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// What happened.
    pub text: Text,
    /// The page of what it happened to, where that is another page.
    pub href: Option<String>,
    /// What it happened to, and who did it, where the reader cannot know it.
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
    pub text: Text,
    /// The page of what it happened to.
    pub href: Option<String>,
    /// What else there is to know.
    pub detail: String,
    /// Who did it.
    pub actor: Text,
    /// From which address.
    pub source: String,
    /// When.
    pub at: Moment,
}

impl Line {
    /// The line for an event on the page of what it happened to.
    fn at_home(words: Words, event: &Event, now: Timestamp) -> Self {
        Self {
            text: sentence(words, event),
            href: None,
            about: by(words, event).unwrap_or_default().into_owned(),
            at: Moment::new(words, event.at, now),
        }
    }

    /// The line for an event elsewhere.
    async fn elsewhere(app: &App, words: Words, event: &Event, now: Timestamp) -> Result<Self> {
        let parts = [subject(app, words, event).await?, by(words, event)];
        Ok(Self {
            href: href(event),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            ..Self::at_home(words, event, now)
        })
    }
}

/// Who did it, or how, unless it was the server itself.
fn by(words: Words, event: &Event) -> Option<Text> {
    match (event.kind, event.actor_kind) {
        (_, ActorKind::System) => None,
        (EventKind::AdministratorCreated, ActorKind::Anonymous) => Some(words.by_setup_link()),
        (_, ActorKind::Invitation) => Some(words.by_invitation()),
        (_, ActorKind::Administrator) => Some(words.by(&event.actor_name)),
        (_, ActorKind::Anonymous) if event.actor_name.is_empty() => Some(words.by_unknown()),
        (_, ActorKind::Anonymous) => Some(words.by_claimed(&event.actor_name)),
    }
}

/// What it happened to, where the sentence does not say it.
async fn subject(app: &App, words: Words, event: &Event) -> Result<Option<Text>> {
    let (phone, holder) = query::names_in(app, event).await?;
    Ok(match (event.kind, phone, holder) {
        // Their sentences have the name already.
        (EventKind::InvitationCreated, ..) => None,
        (EventKind::PhoneEnrolled, _, holder) => holder.map(Text::from),
        (_, Some(phone), Some(holder)) => Some(words.phone_of_holder(&phone, &holder)),
        (_, phone, holder) => phone.or(holder).map(Text::from),
    })
}

impl Row {
    /// The row for an event.
    #[must_use]
    pub fn new(words: Words, event: &Event, now: Timestamp) -> Self {
        Self {
            sequence: event.sequence,
            text: sentence(words, event),
            href: href(event),
            detail: detail(words, event),
            actor: actor(words, event),
            source: event.source.clone(),
            at: Moment::new(words, event.at, now),
        }
    }
}

/// What happened to one object, newest first.
///
/// # Errors
/// If the database fails.
pub async fn of(app: &App, words: Words, kind: ObjectKind, id: &str) -> Result<Vec<Line>> {
    let now = app.clock.now();
    let events = query::events_about(app, kind, id, SHOWN).await?;
    Ok(events
        .iter()
        .map(|event| Line::at_home(words, event, now))
        .collect())
}

/// The latest events that say something about people and phones, newest first.
///
/// # Errors
/// If the database fails.
pub async fn latest(app: &App, words: Words, now: Timestamp, lines: usize) -> Result<Vec<Line>> {
    let events = query::events(app, None, None, 100).await?;
    let mut shown = Vec::new();
    for event in events
        .iter()
        .filter(|event| !is_part_of_another(event, &events))
        .take(lines)
    {
        shown.push(Line::elsewhere(app, words, event, now).await?);
    }
    Ok(shown)
}

/// Whether an event is a step of an action that has an event of its own, or the server's routine.
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
fn sentence(words: Words, event: &Event) -> Text {
    let fields = fields(event);
    let field = |name: &str| fields.get(name).and_then(text_of).unwrap_or_default();
    let certificate = || certificate_in_words(words, &field("slot"), &field("profile"));
    match event.kind {
        EventKind::AuthorityCreated => words.event_authority_created(field("name")),
        EventKind::SetupLinkCreated => words.event_setup_link_created(),
        EventKind::AdministratorCreated => words.event_administrator_created(field("name")),
        EventKind::SignIn => words.event_sign_in(),
        EventKind::SignInRefused => words.event_sign_in_refused(),
        EventKind::SignOut => words.event_sign_out(),
        EventKind::HolderCreated => words.event_holder_created(field("name")),
        EventKind::InvitationCreated => words.event_invitation_created(field("name")),
        EventKind::InvitationCancelled => words.event_invitation_cancelled(),
        EventKind::InvitationUsed => words.event_invitation_used(),
        EventKind::PhoneEnrolled => words.event_phone_enrolled(field("name")),
        EventKind::PhoneRevoked => words.event_phone_revoked(),
        EventKind::CertificateReserved => words.event_certificate_reserved(certificate()),
        EventKind::CertificateIssued => words.event_certificate_issued(certificate()),
        EventKind::CertificateRevoked => words.event_certificate_revoked(certificate()),
        EventKind::IssuanceAbandoned => words.event_issuance_abandoned(certificate()),
        EventKind::CrlPublished => words.event_crl_published(field("number")),
    }
}

/// A certificate by what it is for, as far as an event tells.
fn certificate_in_words(words: Words, slot: &str, profile: &str) -> Text {
    let profile = profile.parse::<ProfileName>().ok();
    let of_profile = profile.and_then(|name| Profile::named(name).slot);
    match (slot, of_profile, profile) {
        ("", None, None) => words.event_certificate_unknown(),
        ("", None, Some(_)) => words.event_certificate_of_server(),
        ("", Some(slot), _) => words.event_certificate(label::purpose(words, slot.as_str())),
        (slot, ..) => words.event_certificate(label::purpose(words, slot)),
    }
}

/// What else an event says, for whoever looks closely.
fn detail(words: Words, event: &Event) -> String {
    let fields = fields(event);
    let field = |name: &str| fields.get(name).and_then(text_of);
    let reason = |word: String| match word.parse::<RevocationReason>() {
        Ok(reason) => label::reason(words, reason).name,
        Err(_) => word.into(),
    };
    [
        field("reason").map(|word| words.fact_reason(reason(word))),
        field("certificates").map(|count| words.fact_certificates(&count)),
        field("profile").map(|profile| words.fact_profile(&profile)),
        field("slot").map(|slot| words.fact_slot(&slot)),
        field("serial").map(|serial| words.fact_serial(&serial)),
        field("email").map(|email| words.fact_email(&email)),
        field("upn").map(|upn| words.fact_upn(&upn)),
        field("entries").map(|entries| words.fact_entries(&entries)),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ")
}

fn actor(words: Words, event: &Event) -> Text {
    match event.actor_kind {
        ActorKind::System => words.actor_server(),
        ActorKind::Administrator => event.actor_name.clone().into(),
        ActorKind::Invitation => words.actor_invited(&event.actor_name),
        ActorKind::Anonymous if event.actor_name.is_empty() => words.actor_unknown(),
        ActorKind::Anonymous => words.actor_claimed(&event.actor_name),
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
