//! Filters and paging of lists; both live in the address.

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

/// Where a list goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// The first page, unless this is it.
    pub newest: Option<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

impl Pager {
    /// Whether there is anything to show.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.newest.is_some() || self.next.is_some()
    }
}
