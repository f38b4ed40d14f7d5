//! How something came to be suspended or ended: who, when, why, as facts beside it.

use enroll_server_model::{Event, Timestamp};
use enroll_server_service::query::{RecordedEvent, Suspension};

use super::history;
use super::label;
use super::view::Moment;
use crate::words::{Text, Words};

/// Who, when and why.
#[derive(Debug)]
pub struct Story {
    /// What happened, as the name of a fact.
    pub label: Text,
    /// When.
    pub at: Moment,
    /// Who did it.
    pub by: Text,
    /// The reason, where there is one to choose.
    pub reason: Option<Text>,
    /// What whoever did it had to say; empty where that is nothing.
    pub note: String,
    /// When it ends by itself.
    pub until: Option<Moment>,
}

impl Story {
    /// How something was suspended.
    #[must_use]
    pub fn of_suspension(words: Words, suspension: &Suspension, now: Timestamp) -> Self {
        Self {
            label: words.label_suspended(),
            at: Moment::new(words, suspension.since, now),
            by: words.by(&suspension.suspended_by),
            reason: None,
            note: suspension.note.clone(),
            until: suspension.until.map(|at| Moment::new(words, at, now)),
        }
    }

    /// How a phone was revoked, or a holder let go.
    #[must_use]
    pub fn of_end(words: Words, recorded: &RecordedEvent, now: Timestamp) -> Option<Self> {
        let (label, reason, note) = match recorded.event() {
            Event::PhoneRevoked(revoked) => (words.label_revoked(), revoked.reason, revoked.note),
            Event::HolderLetGo(gone) => (words.label_gone(), gone.reason, gone.note),
            _ => return None,
        };
        Some(Self {
            label,
            at: Moment::new(words, recorded.at, now),
            by: history::by(words, recorded).unwrap_or_else(|| words.actor_server()),
            reason: reason.map(|reason| label::reason(words, reason).name),
            note,
            until: None,
        })
    }
}
