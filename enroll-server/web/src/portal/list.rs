//! What all lists have in common: what their address says, their filters, and where they go on.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use enroll_server_model::Timestamp;
use enroll_server_service::query::{After, Listed, Page};

use super::address;
use super::view::{Filter, Pager};
use crate::words::Text;

/// What a list's address says. What makes no sense there is as if it were not there.
#[derive(Debug, Default, Deserialize)]
pub struct ListAddress {
    #[serde(default)]
    q: String,
    /// The word of the filter.
    #[serde(default, alias = "about")]
    pub state: String,
    #[serde(default)]
    after: String,
}

/// A list as its address describes it.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    path: &'static str,
    address: &'a ListAddress,
    filter: &'static str,
    chosen: &'a str,
}

impl<'a> List<'a> {
    /// The list at a path.
    #[must_use]
    pub const fn new(path: &'static str, address: &'a ListAddress) -> Self {
        Self {
            path,
            address,
            filter: "state",
            chosen: "",
        }
    }

    /// The same list, filtered by the parameter `filter`, of which the word `chosen` is chosen.
    #[must_use]
    pub const fn filtered(self, filter: &'static str, chosen: &'a str) -> Self {
        Self {
            filter,
            chosen,
            ..self
        }
    }

    /// What is searched for.
    #[must_use]
    pub fn query(&self) -> &'a str {
        self.address.q.trim()
    }

    /// Whether rows may be missing because of a search or a filter.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        !self.chosen.is_empty() || !self.query().is_empty()
    }

    /// The row after which the page begins; none for the first page.
    #[must_use]
    pub fn after<P: Cursor>(&self) -> Option<P> {
        let bytes = BASE64URL_NOPAD.decode(self.address.after.as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        // No row's name or id has a control character in it, and PostgreSQL fails on a text with a NUL.
        let is_plain = !text.contains(char::is_control);
        is_plain.then(|| P::read(&text)).flatten()
    }

    /// The filters, by their words in the address.
    pub fn filters<'w>(&self, choices: impl IntoIterator<Item = (&'w str, Text)>) -> Vec<Filter> {
        choices
            .into_iter()
            .map(|(word, label)| Filter {
                href: self.href(word, None),
                label,
                current: word == self.chosen,
            })
            .collect()
    }

    /// Where the list goes on after a page of it.
    #[must_use]
    pub fn pager<T: Listed<Cursor: Cursor>>(&self, page: &Page<T>) -> Pager {
        let is_first = self.after::<T::Cursor>().is_none();
        Pager {
            newest: (!is_first).then(|| self.href(self.chosen, None)),
            next: page.next.as_ref().map(|place| {
                let after = BASE64URL_NOPAD.encode(place.write().as_bytes());
                self.href(self.chosen, Some(&after))
            }),
        }
    }

    fn href(&self, chosen: &str, after: Option<&str>) -> String {
        address::with_query(
            self.path,
            &[
                ("q", self.query()),
                (self.filter, chosen),
                ("after", after.unwrap_or_default()),
            ],
        )
    }
}

/// Where a row is in its list, as an address carries it.
pub trait Cursor: Sized {
    /// The place as text.
    fn write(&self) -> String;
    /// The place that a text stands for.
    fn read(text: &str) -> Option<Self>;
}

impl Cursor for i64 {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Cursor for After<Timestamp> {
    fn write(&self) -> String {
        format!("{} {}", self.id, self.key.0)
    }

    fn read(text: &str) -> Option<Self> {
        let (id, key) = text.split_once(' ')?;
        Some(Self {
            key: Timestamp(key.parse().ok()?),
            id: id.to_owned(),
        })
    }
}

impl Cursor for After<String> {
    fn write(&self) -> String {
        format!("{} {}", self.id, self.key)
    }

    fn read(text: &str) -> Option<Self> {
        let (id, key) = text.split_once(' ')?;
        Some(Self {
            key: key.to_owned(),
            id: id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(i64);

    impl Listed for Row {
        type Cursor = After<String>;

        fn cursor(&self) -> After<String> {
            After {
                key: "Alice Example".to_owned(),
                id: self.0.to_string(),
            }
        }
    }

    fn address(q: &str, after: &str) -> ListAddress {
        ListAddress {
            q: q.to_owned(),
            state: String::new(),
            after: after.to_owned(),
        }
    }

    #[test]
    fn a_list_that_fits_on_one_page_has_no_pager() {
        let address = address("", "");
        let list = List::new("/phones", &address);
        assert!(!list.pager(&Page::of(vec![Row(1), Row(2)])).any());
    }

    #[test]
    fn a_place_in_a_list_survives_the_address() {
        let first = address(" x ", "");
        let list = List::new("/phones", &first).filtered("state", "active");
        let next = list.pager(&Page::of((0..51).map(Row).collect())).next;
        let href = next.unwrap();
        let after = href
            .strip_prefix("/phones?q=x&state=active&after=")
            .unwrap();
        let second = address("x", after);
        let place: After<String> = List::new("/phones", &second).after().unwrap();
        assert_eq!(place, Row(49).cursor());
    }

    #[test]
    fn an_address_that_makes_no_sense_is_the_first_page() {
        let nul = BASE64URL_NOPAD.encode(b"id a\0b");
        for after in ["garbage", &nul] {
            let address = address("", after);
            let list = List::new("/phones", &address);
            assert_eq!(list.after::<After<Timestamp>>(), None);
            assert_eq!(list.after::<After<String>>(), None);
        }
    }
}
