//! Searching by trigrams: any three characters that stand next to each other in a text are in an index, so that a text is
//! found by what is in the middle of it. What is not a letter or a digit stands in the index as letters (the migrations'
//! `searchable`), so that it is found like them; the text itself then decides.

/// Most people, phones or serial numbers that a search takes into account.
///
/// A search that fits more of them says too little to be of use; which of them are shown is not said.
macro_rules! people {
    ($rough:literal, $exact:literal) => {
        concat!(
            "SELECT f.id FROM holder_search f WHERE f.search LIKE ",
            $rough,
            " AND f.plain LIKE ",
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
            " AND f.plain LIKE ",
            $exact,
            " ESCAPE '!' LIMIT 200) AS n",
        )
    };
}
pub(crate) use phones_found;

/// What stands before each line of a text that is searched.
const LINE: char = '\n';

/// What stands for a sign of ASCII behind a `z`, in the order of the signs. No sign is left,
/// so that `LIKE` means the same to both databases.
const SIGNS: &str = "\n !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const CODES: &str = "abcdefghijklmnopqrstuvwxy123456789";
/// What stands for `z` itself.
const ESCAPED: &str = "z0";

/// What a search looks for: a text anywhere; one of one or two characters, where a name or address begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patterns {
    /// For `LIKE`, in the index. The letters that stand for a sign may be letters of the text.
    pub(crate) rough: String,
    /// For `LIKE ... ESCAPE '!'`, in the text itself.
    pub(crate) exact: String,
}

impl Patterns {
    /// None for a search that finds everything.
    pub(crate) fn of(search: &str) -> Option<Self> {
        let typed = search.to_lowercase();
        if typed.is_empty() {
            return None;
        }
        let start = (typed.chars().count() < 3).then_some(LINE);
        let (mut rough, mut exact) = ("%".to_owned(), "%".to_owned());
        for character in start.into_iter().chain(typed.chars()) {
            push(&mut rough, character);
            if matches!(character, '%' | '_' | '!') {
                exact.push('!');
            }
            exact.push(character);
        }
        rough.push('%');
        exact.push('%');
        Some(Self { rough, exact })
    }
}

/// Adds a character as it stands in the index.
fn push(to: &mut String, character: char) {
    let code = SIGNS
        .chars()
        .zip(CODES.chars())
        .find_map(|(sign, code)| (sign == character).then_some(code));
    match (code, character) {
        (Some(code), _) => to.extend(['z', code]),
        (None, 'z') => to.push_str(ESCAPED),
        (None, other) => to.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_search_for_is_not_a_pattern() {
        let patterns = Patterns::of("100%_!\\Az").unwrap();
        assert_eq!(patterns.rough, "%100zgz4zcz1az0%");
        assert_eq!(patterns.exact, "%100!%!_!!\\az%");
        assert_eq!(Patterns::of(""), None);
    }

    #[test]
    fn little_is_looked_for_where_a_line_begins() {
        assert_eq!(Patterns::of("Al").unwrap().exact, "%\nal%");
        assert_eq!(Patterns::of("_").unwrap().rough, "%zaz4%");
    }

    /// Both migrations write for each sign what is looked for here.
    #[test]
    fn the_migrations_have_the_same_codes() {
        for migration in [
            include_str!("../../../migrations/sqlite/0014_searchable_signs.sql"),
            include_str!("../../../migrations/postgres/0014_searchable_signs.sql"),
        ] {
            for sign in SIGNS.chars().skip(1).chain(['z']) {
                let mut code = String::new();
                push(&mut code, sign);
                let quoted = if sign == '\'' {
                    "''".to_owned()
                } else {
                    sign.to_string()
                };
                let replaced = format!("'{quoted}', '{code}')");
                assert!(migration.contains(&replaced), "{replaced}");
            }
        }
    }

    /// The parser of Debian 12's sqlite3 has room for a hundred symbols: what is nested more deeply makes the whole database
    /// unreadable to it.
    #[test]
    fn earlier_versions_of_sqlite_read_the_migration() {
        let migration = include_str!("../../../migrations/sqlite/0014_searchable_signs.sql");
        for statement in migration.split("SELECT") {
            assert!(statement.matches("replace(").count() <= 20, "{statement}");
        }
    }

    #[test]
    fn every_sign_of_ascii_has_a_code() {
        for byte in b' '..=b'~' {
            let mut code = String::new();
            push(&mut code, byte.into());
            assert!(
                code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{code}"
            );
        }
    }
}
