//! What stands round the rows of a list: its search, filters, headings, count and paging. All of it lives in the address.

use super::shell::Shell;
use crate::portal::address;
use crate::words::Text;

/// A link that filters a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Where it leads; the default value leaves no trace in the address.
    pub href: String,
    /// What is left when it is chosen.
    pub label: Text,
    /// Whether the list is filtered so now.
    pub current: bool,
}

/// The heading of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// What the column has.
    pub label: Text,
    /// The list sorted by it, or the other way round if it is; none where it cannot be.
    pub href: Option<String>,
    /// How the list is sorted, if by this column: `ascending` or `descending`.
    pub sorted: Option<&'static str>,
}

/// Where a list goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// The first page, unless this is it.
    pub first: Option<String>,
    /// The page before this one, if there is one.
    pub previous: Option<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

impl Pager {
    /// Whether there is anything to show.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.first.is_some() || self.previous.is_some() || self.next.is_some()
    }
}

/// All of that.
#[derive(Debug, Clone)]
pub struct ListView {
    /// The list's path.
    pub path: &'static str,
    /// What narrows and sorts it: names and values of its address, without the page.
    pub(in crate::portal) parameters: Vec<(&'static str, String)>,
    /// By which columns it can be sorted, as the address names them.
    pub(in crate::portal) columns: Vec<&'static str>,
    /// By which it is, and whether the last comes first.
    pub(in crate::portal) sorted: (&'static str, bool),
    /// What is searched for.
    pub query: String,
    /// Its filters.
    pub filters: Vec<Filter>,
    /// Whether rows may be missing because of a search or a filter.
    pub narrowed: bool,
    /// Whether it is shown for printing: many rows, and nothing but them.
    pub is_for_print: bool,
    /// Whether this page has no row.
    pub empty: bool,
    /// How many rows the whole list has, in words.
    pub count: Text,
    /// Where it goes on.
    pub pager: Pager,
}

impl ListView {
    /// The heading of a column that the address names so.
    #[must_use]
    pub fn heading(&self, column: &str, label: Text) -> Heading {
        let (by, descending) = self.sorted;
        let is_sorted = by == column;
        let can_be = self.columns.contains(&column);
        let asked = if is_sorted && !descending {
            format!("-{column}")
        } else {
            column.to_owned()
        };
        Heading {
            label,
            href: can_be.then(|| self.href(self.path, &[("sort", &asked)])),
            sorted: is_sorted.then_some(if descending {
                "descending"
            } else {
                "ascending"
            }),
        }
    }

    /// What a form keeps of the address, whose own fields are these.
    #[must_use]
    pub fn kept(&self, fields: &[&str]) -> Vec<(&'static str, &str)> {
        let kept = self.parameters.iter();
        kept.filter(|(name, value)| !fields.contains(name) && !value.is_empty())
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }

    /// Whether rows can be chosen, to do something with several at once.
    #[must_use]
    pub fn may_choose(&self, shell: &Shell) -> bool {
        shell.may_change() && !self.is_for_print
    }

    /// The same rows, without what is searched for.
    #[must_use]
    pub fn without_query(&self) -> String {
        self.href(self.path, &[("q", "")])
    }

    /// The same rows as a file.
    #[must_use]
    pub fn file(&self, ending: &str) -> String {
        self.href(&format!("{}.{ending}", self.path), &[])
    }

    /// The same rows for printing.
    #[must_use]
    pub fn print(&self) -> String {
        self.href(self.path, &[("rows", "print")])
    }

    /// The same rows for reading.
    #[must_use]
    pub fn screen(&self) -> String {
        self.href(self.path, &[])
    }

    /// An address with the same parameters but for these, which come last.
    pub(in crate::portal) fn href(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let kept = self
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let mut parameters: Vec<(&str, &str)> = kept
            .filter(|(name, _)| !changed.iter().any(|(other, _)| other == name))
            .collect();
        parameters.extend(changed);
        address::with_query(path, &parameters)
    }
}
