//! Pages of lists: each goes on after the last row of the one before it.

use enroll_server_model::Timestamp;
use enroll_server_store::certificate::CertificateSummary;
use enroll_server_store::invitation::InvitationSummary;
use enroll_server_store::listing::{After, EventSummary, HolderSummary};
use enroll_server_store::phone::PhoneSummary;

/// Rows of a page.
const ROWS: usize = 50;

/// How many rows to read: one more than a page has, to know whether there are more.
pub(super) const LIMIT: i64 = 51;

/// A row of a list.
pub trait Listed {
    /// Where a row is in its list.
    type Cursor;

    /// Where this row is.
    fn cursor(&self) -> Self::Cursor;
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T: Listed> {
    /// Its rows.
    pub rows: Vec<T>,
    /// After which row the next page goes on, if there is one.
    pub next: Option<T::Cursor>,
}

impl<T: Listed> Page<T> {
    /// The page of the first rows that were found.
    #[must_use]
    pub fn of(found: Vec<T>) -> Self {
        Self::by(found, T::cursor)
    }

    /// The same of a list that is in another order.
    #[must_use]
    pub fn by(mut found: Vec<T>, cursor: impl FnOnce(&T) -> T::Cursor) -> Self {
        let more = found.len() > ROWS;
        found.truncate(ROWS);
        Self {
            next: found.last().filter(|_| more).map(cursor),
            rows: found,
        }
    }
}

impl Listed for HolderSummary {
    type Cursor = After<String>;

    fn cursor(&self) -> After<String> {
        After {
            key: self.holder.name.clone(),
            id: self.holder.id.clone(),
        }
    }
}

impl Listed for PhoneSummary {
    type Cursor = After<Timestamp>;

    fn cursor(&self) -> After<Timestamp> {
        After {
            key: self.phone.created,
            id: self.phone.id.clone(),
        }
    }
}

impl Listed for InvitationSummary {
    type Cursor = After<Timestamp>;

    fn cursor(&self) -> After<Timestamp> {
        After {
            key: self.invitation.created,
            id: self.invitation.id.clone(),
        }
    }
}

impl Listed for CertificateSummary {
    type Cursor = After<Timestamp>;

    fn cursor(&self) -> After<Timestamp> {
        After {
            key: self.certificate.reserved_at,
            id: self.certificate.id.clone(),
        }
    }
}

impl Listed for EventSummary {
    /// The event's number.
    type Cursor = i64;

    fn cursor(&self) -> i64 {
        self.event.sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(i64);

    impl Listed for Row {
        type Cursor = i64;

        fn cursor(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn a_list_goes_on_only_if_there_is_more() {
        let page = Page::of((1..=50).map(Row).collect());
        assert_eq!((page.rows.len(), page.next), (50, None));
        let page = Page::of((1..=LIMIT).map(Row).collect());
        assert_eq!((page.rows.len(), page.next), (50, Some(50)));
    }
}
