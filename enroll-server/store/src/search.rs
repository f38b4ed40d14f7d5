//! Searching by trigrams: any three characters that stand next to each other in a text are in an index, so that a text is
//! found by what is in the middle of it.

/// Most people, phones or serial numbers that a search takes into account.
///
/// A search that fits more of them says too little to be of use; which of them are shown is not said.
macro_rules! people {
    ($rough:literal, $exact:literal) => {
        concat!(
            "SELECT f.id FROM holder_search f WHERE f.search LIKE ",
            $rough,
            " AND f.search LIKE ",
            $exact,
            " ESCAPE '!' LIMIT 200",
        )
    };
}
pub(crate) use people;

/// The phones whose holder, name or GUID fits.
macro_rules! phones_found {
    ($rough:literal, $exact:literal) => {
        concat!(
            "SELECT m.id FROM phones m WHERE m.holder_id IN (",
            people!($rough, $exact),
            ") UNION SELECT n.id FROM (SELECT f.id FROM phone_search f WHERE f.search LIKE ",
            $rough,
            " AND f.search LIKE ",
            $exact,
            " ESCAPE '!' LIMIT 200) AS n",
        )
    };
}
pub(crate) use phones_found;

/// What stands before each line of a text that is searched: with it, a line's first character is a trigram too.
pub(crate) const LINE: &str = "\n\n";

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patterns {
    /// For the index, in the form `LIKE` that both databases read in the same way: a character that they do not stands for
    /// any.
    pub(crate) rough: String,
    /// For `LIKE ... ESCAPE '!'`: what was typed.
    pub(crate) exact: String,
}

impl Patterns {
    /// Finds a text anywhere; one of one or two characters, where a name or address begins. None finds everything.
    pub(crate) fn of(search: &str) -> Option<Self> {
        let typed = search.to_lowercase();
        if typed.is_empty() {
            return None;
        }
        let start = if typed.chars().count() < 3 { LINE } else { "" };
        let mut rough = format!("%{start}");
        let mut exact = rough.clone();
        for character in typed.chars() {
            if matches!(character, '%' | '_' | '!') {
                exact.push('!');
            }
            exact.push(character);
            rough.push(if matches!(character, '%' | '_' | '\\') {
                '_'
            } else {
                character
            });
        }
        rough.push('%');
        exact.push('%');
        Some(Self { rough, exact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_search_for_is_not_a_pattern() {
        let patterns = Patterns::of("100%_!A").unwrap();
        assert_eq!(patterns.rough, "%100__!a%");
        assert_eq!(patterns.exact, "%100!%!_!!a%");
        assert_eq!(Patterns::of(""), None);
    }

    #[test]
    fn little_is_looked_for_where_a_line_begins() {
        assert_eq!(Patterns::of("Al").unwrap().exact, "%\n\nal%");
    }
}
