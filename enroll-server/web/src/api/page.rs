//! Pages of lists. A page says where the next one goes on, so that no row is passed over or comes twice, whatever happens
//! to the list meanwhile.

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
    list: &'static str,
    after: Option<Place>,
    rows: u16,
}

impl Paging {
    /// The page of a list that its address asks for.
    ///
    /// # Errors
    /// If the address is not that of a page of this list.
    pub(super) fn read(
        list: &'static str,
        after: Option<&str>,
        limit: Option<u16>,
    ) -> Result<Self, Unreadable> {
        let rows = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&rows) {
            return Err(Unreadable::Limit { most: MOST });
        }
        let after = match after {
            None => None,
            Some(text) => {
                let place = text
                    .strip_prefix(list)
                    .and_then(|text| text.strip_prefix('.'));
                let Some(place) = place.and_then(cursor::read) else {
                    return Err(Unreadable::After);
                };
                Some(place)
            }
        };
        Ok(Self { list, after, rows })
    }

    /// The same for what reads the rows.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            from: self.after.as_ref(),
            backwards: false,
            rows: usize::from(self.rows),
            is_counted: false,
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
