//! The list of holders.

use enroll_server_model::Timestamp;

use super::statement::{
    self, Conditions, Counted, Key, Order, Place, Search, Sorting, Span, Table,
};
use crate::error::Result;
use crate::holder::{Holder, holder_columns};
use crate::search::{PEOPLE, Patterns};
use crate::sql::{Reader, from_row};

/// Which holders a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderFilter {
    /// All.
    All,
    /// Those who are active and have no phone that is not revoked.
    WithoutPhone,
    /// Those who have more than one phone that is not revoked.
    SeveralPhones,
    /// Those of whose phones one ends from the one time on and before the other.
    Ending(Timestamp, Timestamp),
    /// Those of whose phones the first ended before this time.
    Ended(Timestamp),
    /// Those who are suspended.
    Suspended,
    /// Those who were let go.
    Gone,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderSort {
    /// The name.
    Name,
    /// When the first of their phones ends; those who have none come last.
    NextEnd,
    /// When one of their phones checked in last.
    LastSeen,
}

impl HolderFilter {
    /// What its lists can be sorted by; the first is what they are sorted by where nobody asked for another order.
    #[must_use]
    pub const fn sorts(self) -> &'static [HolderSort] {
        match self {
            Self::All => &[HolderSort::Name, HolderSort::NextEnd, HolderSort::LastSeen],
            Self::SeveralPhones | Self::Suspended => &[HolderSort::Name, HolderSort::NextEnd],
            Self::WithoutPhone | Self::Gone => &[HolderSort::Name],
            Self::Ending(..) | Self::Ended(_) => &[HolderSort::NextEnd],
        }
    }
}

/// A holder with what people are told of them in a list.
#[derive(Clone, Debug)]
pub struct HolderSummary {
    /// The holder.
    pub holder: Holder,
    /// When the first of their phones' present certificates ends.
    pub next_end: Option<Timestamp>,
    /// When one of their phones checked in last; none if none has.
    pub last_seen: Option<Timestamp>,
}

from_row!(HolderSummary {
    holder: whole,
    next_end,
    last_seen
});

impl HolderSummary {
    /// Where it is in a list that is sorted so.
    #[must_use]
    pub fn place(&self, sort: HolderSort) -> Place {
        let key = match sort {
            HolderSort::Name => Key::Text(self.holder.name.clone()),
            HolderSort::LastSeen => self.last_seen.unwrap_or(Timestamp(0)).into(),
            HolderSort::NextEnd => self.next_end.unwrap_or(Timestamp(i64::MAX)).into(),
        };
        Place::new(key, &self.holder.id)
    }
}

const TABLE: Table = Table {
    columns: concat!(
        holder_columns!(),
        ", NULLIF(h.next_end, 9223372036854775807) AS next_end, NULLIF(h.last_seen, 0) AS last_seen"
    ),
    from: "holders h",
    counted: "holders h",
    id: "h.id",
};

fn searched(search: &str) -> Option<Search> {
    Some(Search {
        column: "h.id",
        text: "('\n' || h.search)",
        searches: vec![(Patterns::of(search)?, &[PEOPLE])],
        also: None,
    })
}

fn conditions(filter: HolderFilter, search: &str, is_common: bool) -> Conditions {
    let mut conditions = Conditions::default();
    match filter {
        HolderFilter::All => {}
        HolderFilter::WithoutPhone => conditions.add("h.phones = 0 AND h.state = 'active'", []),
        HolderFilter::SeveralPhones => conditions.add("h.phones > 1", []),
        // From the phones: whoever keeps a phone that ended may have another that ends, and many may keep one. Grouped, so that
        // PostgreSQL does not ask for each of all holders.
        HolderFilter::Ending(from, until) => conditions.found(
            "h.id",
            "SELECT p.holder_id FROM phones p WHERE p.next_end >= ? AND p.next_end < ? GROUP BY p.holder_id",
            vec![from.into(), until.into()],
        ),
        HolderFilter::Ended(before) => conditions.add("h.next_end < ?", [before.into()]),
        HolderFilter::Suspended => conditions.add("h.state = 'suspended'", []),
        HolderFilter::Gone => conditions.add("h.state = 'gone'", []),
    }
    conditions.search(searched(search), is_common);
    conditions
}

fn order(sorting: Sorting<HolderSort>) -> Order {
    match sorting.by {
        HolderSort::Name => Order {
            key: "h.name",
            is_text: true,
            descending: sorting.descending,
        },
        HolderSort::NextEnd => sorting.column("h.next_end"),
        HolderSort::LastSeen => sorting.column("h.last_seen"),
    }
}

/// Holders in whose name, mail address and UPN all words of `search` are found.
pub async fn holders<'e>(
    on: impl Reader<'e>,
    filter: HolderFilter,
    search: &str,
    sorting: Sorting<HolderSort>,
    span: Span<'_>,
) -> Result<Vec<HolderSummary>> {
    let order = order(sorting);
    let conditions = conditions(filter, search, span.is_common);
    statement::rows(on, TABLE, conditions, order, span).await
}

/// How many [`holders`] there are, as far as `most`; `is_common` as in [`Span`].
pub async fn count_holders<'e>(
    on: impl Reader<'e>,
    filter: HolderFilter,
    search: &str,
    sorting: Sorting<HolderSort>,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(filter, search, is_common);
    statement::count(on, TABLE, conditions, order(sorting), most).await
}

/// Whether a search for people is for something common.
pub async fn is_common_among_holders<'e>(on: impl Reader<'e>, search: &str) -> Result<bool> {
    statement::is_common(on, searched(search)).await
}

/// Those of the holders with these ids that are there.
pub async fn holders_with<'e>(on: impl Reader<'e>, ids: &[String]) -> Result<Vec<HolderSummary>> {
    let mut conditions = Conditions::default();
    conditions.among("h.id", ids);
    let order = Order {
        key: "h.name",
        is_text: true,
        descending: false,
    };
    let span = Span::first(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    statement::rows(on, TABLE, conditions, order, span).await
}
