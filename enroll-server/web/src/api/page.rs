//! Pages of lists. A page says where the next one goes on, so that no row is passed over or comes twice where others are added
//! or removed meanwhile.

use serde::Serialize;
use utoipa::ToSchema;

use enroll_server_service::query::{Page, Place, Wanted};

use super::failure::Unreadable;
use crate::cursor;

/// Rows of a page where nobody says how many.
const USUAL: u16 = 50;
/// Most rows of a page.
pub const MOST: u16 = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The rows.
    items: Vec<T>,
    /// What `after` of the next page is; null on the last page.
    next: Option<String>,
}

/// Which page of a list is wanted.
#[derive(Debug)]
pub struct Paging {
    /// The list and its filter, which is part of each place: with another filter it may have another order.
    list: String,
    after: Option<Place>,
    rows: u16,
}

impl Paging {
    /// The page of a list that its address asks for.
    ///
    /// # Errors
    /// If the address is not that of a page of this list.
    pub(super) fn read(
        list: &str,
        filter: Option<&str>,
        after: Option<&str>,
        limit: Option<u16>,
    ) -> Result<Self, Unreadable> {
        let rows = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&rows) {
            return Err(Unreadable::Limit { most: MOST });
        }
        let list = match filter {
            Some(filter) => format!("{list}.{filter}"),
            None => list.to_owned(),
        };
        let after = match after {
            None => None,
            Some(text) => {
                let place = text
                    .strip_prefix(list.as_str())
                    .and_then(|text| text.strip_prefix('.'));
                let Some(place) = place.and_then(cursor::read) else {
                    return Err(Unreadable::After);
                };
                Some(place)
            }
        };
        Ok(Self { list, after, rows })
    }

    /// The same for what reads the rows, in which these words are looked for. Rows that are looked for are counted: few are
    /// found by their words, and many in the order of the list.
    #[must_use]
    pub fn wanted(&self, words: &str) -> Wanted<'_> {
        Wanted {
            from: self.after.as_ref(),
            backwards: false,
            rows: usize::from(self.rows),
            is_counted: !words.trim().is_empty(),
        }
    }

    /// The page of what was read.
    #[must_use]
    pub fn listed<R, T>(&self, page: Page<R>, row: impl Fn(R) -> T) -> Listed<T> {
        let next = page.next.as_ref().map(cursor::write);
        Listed {
            items: page.rows.into_iter().map(row).collect(),
            next: next.map(|place| format!("{}.{place}", self.list)),
        }
    }
}
