//! What a phone said of itself at its last check-in.

use enroll_server_model::{PhoneState, Problem, Timestamp};
use enroll_server_service::query::Phone;

use crate::portal::label;
use crate::portal::view::Moment;
use crate::words::{Text, Words};

/// What a phone said of itself.
pub struct Said {
    /// When; none if it never has.
    pub seen: Option<Moment>,
    /// Whether it has a key to check in with.
    pub can_check_in: bool,
    /// The version of its program.
    pub version: Option<String>,
    /// Where its keys are.
    pub keys: Option<Text>,
    /// When a host used one of them last.
    pub last_use: Option<Moment>,
    /// What keeps it from renewing.
    pub problems: Vec<Text>,
    /// Whether its card is empty, where it should be.
    pub wiped: Option<Wiped>,
}

/// Whether a card is empty that should be.
pub struct Wiped {
    /// Since when; none if it is not.
    pub at: Option<Moment>,
}

impl Said {
    /// What `phone` said.
    #[must_use]
    pub fn new(words: Words, phone: &Phone, can_check_in: bool, now: Timestamp) -> Self {
        let said = &phone.check_in;
        let moment = |at: Option<Timestamp>| at.map(|at| Moment::new(words, at, now));
        let problems: Option<Vec<Problem>> = said
            .problems
            .as_deref()
            .and_then(|problems| serde_json::from_str(problems).ok());
        let problems = problems.unwrap_or_default();
        let is_told = can_check_in && phone.state == PhoneState::Revoked;
        Self {
            seen: moment(said.last_seen),
            can_check_in,
            version: said.app_version.clone(),
            keys: said.key_protection.as_deref().map(|keys| match keys {
                "hardware" => words.phone_keys_hardware(),
                _ => words.phone_keys_software(),
            }),
            last_use: moment(said.last_use),
            problems: problems
                .iter()
                .map(|problem| label::renewal_problem(words, problem))
                .collect(),
            wiped: is_told.then(|| Wiped {
                at: moment(said.wiped_at),
            }),
        }
    }
}
