//! What all lists have in common: what their address says, and what follows from it for what is read and shown.

use serde::Deserialize;

use enroll_server_service::query::{Count, MANY_ROWS, Page, Place, ROWS, Sorting, Wanted};

use super::view::{Filter, ListView, Pager};
use crate::cursor;
use crate::words::{Text, Words};

/// What a list's address says. What makes no sense there is as if it were not there.
#[derive(Debug, Default, Deserialize)]
pub struct ListAddress {
    #[serde(default)]
    q: String,
    /// The word of the filter.
    #[serde(default)]
    pub state: String,
    /// The column by which it is sorted; behind a minus sign, if the last comes first.
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
    /// `print` for a page that is printed.
    #[serde(default)]
    rows: String,
}

impl ListAddress {
    /// The address of the first page of a list that is narrowed and sorted so.
    #[must_use]
    pub fn narrowed(q: &str, state: &str, sort: &str) -> Self {
        Self {
            q: q.to_owned(),
            state: state.to_owned(),
            sort: sort.to_owned(),
            ..Self::default()
        }
    }
}

/// A list as its address describes it.
#[derive(Debug)]
pub struct List {
    view: ListView,
    from: Option<Place>,
    backwards: bool,
}

impl List {
    /// The list at a path.
    #[must_use]
    pub fn new(path: &'static str, address: &ListAddress) -> Self {
        let query = address.q.trim().to_owned();
        let before = cursor::read(&address.before);
        Self {
            view: ListView {
                path,
                parameters: vec![("q", query.clone())],
                columns: Vec::new(),
                sorted: ("", false),
                narrowed: !query.is_empty(),
                query,
                filters: Vec::new(),
                is_for_print: address.rows == "print",
                empty: false,
                count: Text::default(),
                pager: Pager::default(),
            },
            backwards: before.is_some(),
            from: before.or_else(|| cursor::read(&address.after)),
        }
    }

    /// The same list, narrowed by a parameter; an empty value narrows nothing.
    #[must_use]
    pub fn narrowed(mut self, name: &'static str, value: &str) -> Self {
        self.view.narrowed |= !value.is_empty();
        self.view.parameters.push((name, value.to_owned()));
        self
    }

    /// The same list with filters, by their words in the parameter `name`, of which one is chosen.
    #[must_use]
    pub fn filtered<'w>(
        mut self,
        name: &'static str,
        chosen: &str,
        choices: impl IntoIterator<Item = (&'w str, Text)>,
    ) -> Self {
        let choices = choices.into_iter();
        self.view.filters = choices
            .map(|(word, label)| Filter {
                href: self.view.href(self.view.path, &[(name, word)]),
                label,
                current: word == chosen,
            })
            .collect();
        self.narrowed(name, chosen)
    }

    /// The same list sorted as the address says, if it can be, and otherwise by the first of the columns, of which each has
    /// its name in the address, what it sorts by, and whether the last usually comes first.
    #[must_use]
    pub fn sorted<S: Copy>(
        mut self,
        address: &ListAddress,
        columns: &[(&'static str, S, bool)],
    ) -> (Self, Option<Sorting<S>>) {
        let (word, asked_falling) = match address.sort.strip_prefix('-') {
            Some(word) => (word, true),
            None => (address.sort.as_str(), false),
        };
        let asked = columns.iter().find(|(name, ..)| *name == word);
        let chosen = asked
            .map(|(name, by, _)| (*name, *by, asked_falling))
            .or_else(|| columns.first().copied());
        self.view.columns = columns.iter().map(|(name, ..)| *name).collect();
        let usual = columns.first().map(|(name, _, falls)| (*name, *falls));
        let Some((name, by, descending)) = chosen else {
            return (self, None);
        };
        self.view.sorted = (name, descending);
        if usual != Some((name, descending)) {
            let minus = if descending { "-" } else { "" };
            self.view
                .parameters
                .push(("sort", format!("{minus}{name}")));
        }
        (self, Some(Sorting { by, descending }))
    }

    /// What is searched for.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.view.query
    }

    /// Which rows are wanted.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            from: self.from.as_ref(),
            backwards: self.backwards,
            rows: if self.view.is_for_print {
                MANY_ROWS
            } else {
                ROWS
            },
            is_counted: true,
        }
    }

    /// What narrows it, as its address says it.
    #[must_use]
    pub fn narrowing(&self) -> String {
        let address = self.view.href("", &[]);
        address.trim_start_matches('?').to_owned()
    }

    /// What stands round the rows of a page of it.
    #[must_use]
    pub fn around<T>(self, words: Words, page: &Page<T>) -> ListView {
        let mut view = self.view;
        let place = |name: &str, place: &Option<Place>| {
            let place = place.as_ref()?;
            Some(view.href(view.path, &[(name, &cursor::write(place))]))
        };
        view.pager = Pager {
            first: page.previous.is_some().then(|| view.screen()),
            previous: place("before", &page.previous),
            next: place("after", &page.next),
        };
        view.empty = page.rows.is_empty();
        view.count = match page.count {
            Count::Exactly(count) => words.rows(count),
            Count::MoreThan(count) => words.more_rows(count),
            Count::AtLeast(count) => words.rows_at_least(count),
            Count::NotCounted => Text::default(),
        };
        view
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use enroll_server_service::query::Key;

    use super::*;

    fn address(query: &str) -> ListAddress {
        let uri = format!("/?{query}").parse().unwrap();
        axum::extract::Query::try_from_uri(&uri).unwrap().0
    }

    fn page(previous: Option<Place>, next: Option<Place>) -> Page<u8> {
        Page {
            rows: vec![1],
            previous,
            next,
            count: Count::Exactly(1),
        }
    }

    fn place() -> Place {
        Place::new(Key::Text("Alice Example".to_owned()), "x")
    }

    const COLUMNS: [(&str, u8, bool); 2] = [("name", 1, false), ("end", 2, true)];

    #[test]
    fn a_list_that_fits_on_one_page_has_no_pager() {
        let list = List::new("/phones", &address(""));
        assert!(!list.around(Words::english(), &page(None, None)).pager.any());
    }

    #[test]
    fn what_narrows_and_sorts_a_list_survives_paging() {
        let words = Words::english();
        let first = address("q=+x+&sort=-end");
        let list = List::new("/phones", &first).filtered("state", "active", []);
        let (list, sorting) = list.sorted(&first, &COLUMNS);
        assert_eq!(sorting, Some(Sorting::falling(2)));
        let view = list.around(words, &page(None, Some(place())));
        let href = view.pager.next.clone().unwrap();
        let after = href
            .strip_prefix("/phones?q=x&state=active&sort=-end&after=")
            .unwrap();
        let second = address(&format!("after={after}"));
        assert_eq!(List::new("/phones", &second).wanted().from, Some(&place()));
        assert_eq!(view.file("csv"), "/phones.csv?q=x&state=active&sort=-end");
        assert_eq!(view.without_query(), "/phones?state=active&sort=-end");
        assert_eq!(view.kept(&["q"]), [("state", "active"), ("sort", "-end")]);
    }

    #[test]
    fn a_heading_sorts_by_its_column_and_then_the_other_way_round() {
        let address = address("state=active");
        let (list, _) = List::new("/phones", &address).sorted(&address, &COLUMNS);
        let view = list.view;
        let name = view.heading("name", Text::default());
        assert_eq!(name.href.as_deref(), Some("/phones?sort=-name"));
        assert_eq!(name.sorted, Some("ascending"));
        let end = view.heading("end", Text::default());
        assert_eq!(
            (end.href.as_deref(), end.sorted),
            (Some("/phones?sort=end"), None)
        );
        assert_eq!(view.heading("state", Text::default()).href, None);
    }

    #[test]
    fn an_address_that_makes_no_sense_is_the_first_page() {
        let nul = BASE64URL_NOPAD.encode(b"tid ta\0b");
        for after in ["garbage", &nul, "bm4"] {
            let address = address(&format!("after={after}"));
            assert_eq!(List::new("/phones", &address).wanted().from, None);
        }
    }
}
