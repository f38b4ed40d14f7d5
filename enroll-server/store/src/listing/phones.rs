//! The list of phones.

use enroll_server_model::{PhoneState, Timestamp};

use super::statement::{
    self, Conditions, Counted, Key, Order, Place, Search, Sorting, Span, Table,
};
use crate::error::Result;
use crate::phone::{PhoneSummary, phone_columns};
use crate::search::{PHONES, PHONES_OF_PEOPLE, Patterns};
use crate::sql::Reader;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneSort {
    /// When they were enrolled.
    Created,
    /// When the first of their certificates ends; those that have none come last.
    NextEnd,
    /// When they checked in last.
    LastSeen,
}

impl PhoneSummary {
    /// Where it is in a list that is sorted so.
    #[must_use]
    pub fn place(&self, sort: PhoneSort) -> Place {
        let key = match sort {
            PhoneSort::Created => self.phone.created,
            PhoneSort::LastSeen => self.phone.check_in.last_seen.unwrap_or(Timestamp(0)),
            PhoneSort::NextEnd => self.next_end.unwrap_or(Timestamp(i64::MAX)),
        };
        Place::new(key, &self.phone.id)
    }
}

const TABLE: Table = Table {
    columns: concat!(
        phone_columns!(),
        ", h.name AS holder_name, NULLIF(p.next_end, 9223372036854775807) AS next_end"
    ),
    from: "phones p JOIN holders h ON h.id = p.holder_id",
    counted: "phones p",
    id: "p.id",
};

/// A card's number as it is stored, without separators, if a text is one or a longer part of one.
fn card_number(search: &str) -> Option<String> {
    let digits: String = search
        .chars()
        .filter(|character| {
            !matches!(character, '-' | ':' | '{' | '}') && !character.is_whitespace()
        })
        .collect();
    let is_one = (8..=32).contains(&digits.len())
        && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        && digits.contains(|digit: char| digit.is_ascii_digit());
    is_one.then_some(digits)
}

fn searched(search: &str) -> Option<Search> {
    let words = Patterns::of(search)?;
    // What may be a card's number may be a name as well.
    let number = card_number(search).and_then(|number| Patterns::of(&number));
    let number = number.filter(|number| *number != words);
    let number = number.map(|number| (number, &[PHONES][..]));
    let words = (words, &[PHONES_OF_PEOPLE, PHONES][..]);
    Some(Search {
        column: "p.id",
        text: "('\n' || h.search || '\n' || p.search)",
        searches: std::iter::once(words).chain(number).collect(),
        also: None,
    })
}

fn conditions(state: Option<PhoneState>, search: &str, is_common: bool) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(state) = state {
        conditions.add("p.state = ?", [Key::Text(state.as_str().to_owned())]);
    }
    conditions.search(searched(search), is_common);
    conditions
}

fn order(sorting: Sorting<PhoneSort>) -> Order {
    sorting.column(match sorting.by {
        PhoneSort::Created => "p.created",
        PhoneSort::NextEnd => "p.next_end",
        PhoneSort::LastSeen => "COALESCE(p.last_seen, 0)",
    })
}

/// Phones in whose holder's names, or in whose name and GUID, all words of `search` are found.
pub async fn phones<'e>(
    on: impl Reader<'e>,
    state: Option<PhoneState>,
    search: &str,
    sorting: Sorting<PhoneSort>,
    span: Span<'_>,
) -> Result<Vec<PhoneSummary>> {
    let order = order(sorting);
    let conditions = conditions(state, search, span.is_common);
    statement::rows(on, TABLE, conditions, order, span).await
}

/// How many [`phones`] there are, as far as `most`; `is_common` as in [`Span`].
pub async fn count_phones<'e>(
    on: impl Reader<'e>,
    state: Option<PhoneState>,
    search: &str,
    sorting: Sorting<PhoneSort>,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(state, search, is_common);
    statement::count(on, TABLE, conditions, order(sorting), most).await
}

/// Whether a search for phones is for something common.
pub async fn is_common_among_phones<'e>(on: impl Reader<'e>, search: &str) -> Result<bool> {
    statement::is_common(on, searched(search)).await
}

/// Those of the phones with these ids that are there.
pub async fn phones_with<'e>(on: impl Reader<'e>, ids: &[String]) -> Result<Vec<PhoneSummary>> {
    let mut conditions = Conditions::default();
    conditions.among("p.id", ids);
    let order = Sorting::falling(()).column("p.created");
    let span = Span::first(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    statement::rows(on, TABLE, conditions, order, span).await
}

#[cfg(test)]
mod tests {
    use super::card_number;

    #[test]
    fn a_card_number_is_known_in_any_notation() {
        let number = Some("4f1c2d3e0a1b4c2d8e3f001122334455".to_owned());
        for typed in [
            "4f1c2d3e0a1b4c2d8e3f001122334455",
            "{4f1c2d3e-0a1b-4c2d-8e3f-001122334455}",
            "4f:1c:2d:3e:0a:1b:4c:2d:8e:3f:00:11:22:33:44:55",
            "4f1c 2d3e 0a1b 4c2d 8e3f 0011 2233 4455",
        ] {
            assert_eq!(card_number(typed), number, "{typed}");
        }
        assert_eq!(card_number("4F1C2D3E 0A").as_deref(), Some("4F1C2D3E0A"));
        assert_eq!(card_number("Abeba Dedefe"), None);
        assert_eq!(card_number("4f1c"), None);
    }
}
