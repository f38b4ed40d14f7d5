//! Where a list goes on, as an opaque word in the address.

use data_encoding::BASE64URL_NOPAD;

use enroll_server_model::Timestamp;
use enroll_server_service::query::After;

use super::address;
use super::view::Pager;

/// Rows of a page.
pub const ROWS: usize = 50;

/// What a list may be ordered by.
pub trait Key: Sized {
    /// The key as text.
    fn write(&self) -> String;
    /// The key that a text stands for.
    fn read(text: &str) -> Option<Self>;
}

impl Key for Timestamp {
    fn write(&self) -> String {
        self.0.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for String {
    fn write(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// The place that a word in an address stands for; one that makes no sense is the beginning.
pub fn read<K: Key>(word: &str) -> Option<After<K>> {
    let bytes = BASE64URL_NOPAD.decode(word.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, key) = text.split_once(' ')?;
    Some(After {
        key: K::read(key)?,
        id: id.to_owned(),
    })
}

fn write<K: Key>(after: &After<K>) -> String {
    BASE64URL_NOPAD.encode(format!("{} {}", after.id, after.key.write()).as_bytes())
}

/// How many rows to ask for: one more than are shown, to know whether there are more.
#[must_use]
pub fn limit() -> i64 {
    i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1)
}

/// Cuts a list to one page and says where it goes on; `place` is what the list is ordered by.
pub fn cut<T, K: Key>(
    rows: &mut Vec<T>,
    path: &str,
    parameters: &[(&str, &str)],
    is_first: bool,
    place: impl Fn(&T) -> After<K>,
) -> Pager {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|last| {
        let after = write(&place(last));
        let mut all = parameters.to_vec();
        all.push(("after", &after));
        address::with_query(path, &all)
    });
    Pager {
        newest: (!is_first).then(|| address::with_query(path, parameters)),
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_list_survives_the_address() {
        let after = After {
            key: "Alice Example".to_owned(),
            id: "abc".to_owned(),
        };
        assert_eq!(read::<String>(&write(&after)), Some(after));
        assert_eq!(read::<Timestamp>("garbage"), None);
    }

    #[test]
    fn a_list_that_fits_on_one_page_has_no_pager() {
        let mut rows = vec![1, 2];
        let place = |row: &i32| After {
            key: Timestamp(i64::from(*row)),
            id: row.to_string(),
        };
        assert!(!cut(&mut rows, "/phones", &[], true, place).any());
        let mut rows: Vec<i32> = (0..51).collect();
        let pager = cut(&mut rows, "/phones", &[("q", "x")], true, place);
        assert_eq!(rows.len(), ROWS);
        assert!(
            pager
                .next
                .is_some_and(|href| href.starts_with("/phones?q=x&after="))
        );
    }
}
