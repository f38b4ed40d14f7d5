//! Pages of lists: each goes on after the last row of the one before it, or back before its first.

use enroll_server_store::listing::{Counted, Place, Span};

/// Rows of a page.
pub const ROWS: usize = 50;
/// Rows of a page that is printed, and of what is read at once for a file.
pub const MANY_ROWS: usize = 1000;
/// How far rows are counted.
pub const COUNTED: i64 = 1000;

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'p> {
    /// The row after or before which it begins; none for the first page.
    pub from: Option<&'p Place>,
    /// Whether it ends before that row, and does not begin after it.
    pub backwards: bool,
    /// How many rows it has at most.
    pub rows: usize,
    /// Whether it is to say how many rows the whole list has.
    pub is_counted: bool,
}

impl<'p> Wanted<'p> {
    /// The first page.
    pub const FIRST: Wanted<'static> = Wanted {
        from: None,
        backwards: false,
        rows: ROWS,
        is_counted: true,
    };

    /// What to read: one row more, to know whether there are more.
    pub(super) fn span(&self) -> Span<'p> {
        Span {
            from: self.from,
            backwards: self.backwards,
            limit: i64::try_from(self.rows).unwrap_or(i64::MAX - 1) + 1,
            is_common: false,
        }
    }
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many.
    Exactly(i64),
    /// More than that; how many is not counted.
    MoreThan(i64),
    /// This many were found where not all rows were looked at: perhaps more.
    AtLeast(i64),
    /// Nobody wanted to know, or none was found where not all rows were looked at.
    NotCounted,
}

impl Count {
    /// From how far rows were counted.
    pub(super) const fn of(counted: Counted) -> Self {
        match counted {
            Counted::All(rows) => Self::Exactly(rows),
            Counted::MoreThan(rows) => Self::MoreThan(rows),
            Counted::AtLeast(0) => Self::NotCounted,
            Counted::AtLeast(rows) => Self::AtLeast(rows),
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Before which row the page before it ends, if there is one.
    pub previous: Option<Place>,
    /// After which row the next page goes on, if there is one.
    pub next: Option<Place>,
    /// How many rows the whole list has.
    pub count: Count,
}

impl<T> Page<T> {
    /// The page of what was read for it.
    pub(super) fn of(
        mut found: Vec<T>,
        count: Count,
        wanted: &Wanted<'_>,
        place: impl Fn(&T) -> Place,
    ) -> Self {
        let more = found.len() > wanted.rows;
        if wanted.backwards {
            if more {
                found.remove(0);
            }
        } else {
            found.truncate(wanted.rows);
        }
        let came_from = wanted.from.is_some();
        let (is_first, is_last) = if wanted.backwards {
            (!more, !came_from)
        } else {
            (!came_from, !more)
        };
        Self {
            previous: found.first().filter(|_| !is_first).map(&place),
            next: found.last().filter(|_| !is_last).map(&place),
            rows: found,
            count,
        }
    }
}

impl<T> Page<T> {
    /// The page without the rows of a group at its end that may go on in the next one, or at its beginning, if it is read
    /// backwards; with all of them if the page has no other group.
    pub(super) fn without_cut_group<G: PartialEq>(
        mut self,
        wanted: &Wanted<'_>,
        group: impl Fn(&T) -> G,
        place: impl Fn(&T) -> Place,
    ) -> Self {
        if wanted.backwards {
            if let (Some(_), Some(first)) = (&self.previous, self.rows.first().map(&group)) {
                let cut = self
                    .rows
                    .iter()
                    .take_while(|row| group(row) == first)
                    .count();
                if cut < self.rows.len() {
                    self.rows.drain(..cut);
                    self.previous = self.rows.first().map(place);
                }
            }
        } else if let (Some(_), Some(last)) = (&self.next, self.rows.last().map(&group)) {
            let cut = self
                .rows
                .iter()
                .rev()
                .take_while(|row| group(row) == last)
                .count();
            if cut < self.rows.len() {
                self.rows.truncate(self.rows.len() - cut);
                self.next = self.rows.last().map(place);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use enroll_server_store::listing::Key;

    use super::*;

    fn place(number: &i64) -> Place {
        Place {
            key: Key::Number(*number),
            id: Key::Number(0),
        }
    }

    fn numbers(page: &Page<i64>) -> (Option<i64>, Option<i64>) {
        let number = |place: &Option<Place>| match place.as_ref().map(|place| &place.key) {
            Some(Key::Number(number)) => Some(*number),
            _ => None,
        };
        (number(&page.previous), number(&page.next))
    }

    #[test]
    fn a_list_goes_on_only_if_there_is_more() {
        let wanted = Wanted {
            rows: 3,
            ..Wanted::FIRST
        };
        let page = Page::of(vec![1, 2, 3], Count::Exactly(3), &wanted, place);
        assert_eq!((page.rows.len(), numbers(&page)), (3, (None, None)));
        let page = Page::of(vec![1, 2, 3, 4], Count::Exactly(4), &wanted, place);
        assert_eq!((page.rows.len(), numbers(&page)), (3, (None, Some(3))));
        let from = place(&3);
        let wanted = Wanted {
            from: Some(&from),
            ..wanted
        };
        let page = Page::of(vec![4, 5], Count::Exactly(5), &wanted, place);
        assert_eq!(numbers(&page), (Some(4), None));
    }

    #[test]
    fn a_page_before_another_has_its_last_rows() {
        let from = place(&7);
        let wanted = Wanted {
            from: Some(&from),
            backwards: true,
            rows: 3,
            ..Wanted::FIRST
        };
        let page = Page::of(vec![3, 4, 5, 6], Count::Exactly(9), &wanted, place);
        assert_eq!(page.rows, [4, 5, 6]);
        assert_eq!(numbers(&page), (Some(4), Some(6)));
        let page = Page::of(vec![5, 6], Count::Exactly(9), &wanted, place);
        assert_eq!(numbers(&page), (None, Some(6)));
    }

    #[test]
    fn no_group_is_cut_in_two_that_fits_on_a_page() {
        let wanted = Wanted {
            rows: 4,
            ..Wanted::FIRST
        };
        let tens = |row: &i64| row / 10;
        let page = Page::of(vec![1, 2, 11, 12, 13], Count::Exactly(9), &wanted, place);
        let page = page.without_cut_group(&wanted, tens, place);
        assert_eq!((numbers(&page), page.rows), ((None, Some(2)), vec![1, 2]));
        let page = Page::of(vec![1, 2, 3, 4, 5], Count::Exactly(9), &wanted, place);
        let page = page.without_cut_group(&wanted, tens, place);
        assert_eq!(page.rows.len(), 4);
        let from = place(&30);
        let back = Wanted {
            from: Some(&from),
            backwards: true,
            rows: 4,
            ..Wanted::FIRST
        };
        let page = Page::of(vec![11, 12, 13, 21, 22], Count::Exactly(9), &back, place);
        let page = page.without_cut_group(&back, tens, place);
        assert_eq!(
            (numbers(&page), page.rows),
            ((Some(21), Some(22)), vec![21, 22])
        );
    }

    #[test]
    fn where_nothing_was_found_among_some_rows_the_list_says_nothing() {
        assert_eq!(Count::of(Counted::AtLeast(1)), Count::AtLeast(1));
        assert_eq!(Count::of(Counted::AtLeast(0)), Count::NotCounted);
        assert_eq!(Count::of(Counted::All(0)), Count::Exactly(0));
    }
}
