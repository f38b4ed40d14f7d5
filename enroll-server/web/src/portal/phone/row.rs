//! A phone as a row of a list.

use enroll_server_model::{Guid, PhoneState, Timestamp};
use enroll_server_service::query::{Phone, PhoneSummary};

use crate::portal::label;
use crate::portal::view::{Moment, Tag};
use crate::words::{Text, Words};

/// A phone as a row of a list.
pub struct PhoneRow {
    /// Its id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// The first digits of its card's GUID.
    pub short_guid: Text,
    /// Whose it is, as an id.
    pub holder_id: String,
    /// Whose it is.
    pub holder: String,
    /// Its state.
    pub tag: Tag,
    /// Whether another can take its place.
    pub can_replace: bool,
    /// When it was enrolled.
    pub enrolled: Moment,
    /// When the first of its certificates ends, where that is shown.
    pub next_end: Option<Moment>,
    /// When it checked in last; none if it never has.
    pub seen: Option<Moment>,
}

impl PhoneRow {
    /// The row for a phone.
    #[must_use]
    pub fn new(words: Words, phone: Phone, holder: String, now: Timestamp) -> Self {
        Self {
            tag: label::phone_tag(words, phone.state),
            can_replace: phone.state != PhoneState::Revoked,
            enrolled: Moment::new(words, phone.created, now),
            seen: phone
                .check_in
                .last_seen
                .map(|at| Moment::new(words, at, now)),
            short_guid: words.phones_card(short(phone.guid)),
            id: phone.id,
            name: phone.name,
            holder_id: phone.holder_id,
            holder,
            next_end: None,
        }
    }

    /// The same in the list of all phones.
    #[must_use]
    pub fn in_list(words: Words, summary: PhoneSummary, now: Timestamp) -> Self {
        Self {
            next_end: summary.next_end.map(|end| Moment::new(words, end, now)),
            ..Self::new(words, summary.phone, summary.holder_name, now)
        }
    }
}

/// The first eight digits of a GUID.
fn short(guid: Guid) -> String {
    let mut digits = format!("{guid:X}");
    digits.truncate(8);
    digits
}
