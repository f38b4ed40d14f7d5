//! Searching by trigrams: any three characters that stand next to each other in a text are in an index, so that a text is
//! found by what is in the middle of it. What is not a letter or a digit stands in the index as letters (the migrations'
//! `searchable`), so that it is found like them; the text itself then decides.

/// Where a search looks, and for what: no more than [`FOUND`] people or phones by their words, and then what the list has of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// The index by trigrams in which words are looked up.
    index: &'static str,
    /// From what was `found` there to the rows of the list, which are called as the list calls them.
    rows: &'static str,
    /// The text in which all words are to be.
    text: &'static str,
}

/// How many a word is looked up for at most: one more than can be looked at one by one. Where there are as many, the list is read in
/// its order until a page of rows is found: soon where they lie all over it, after all of its rows where those that fit are at its far
/// end.
pub const FOUND: i64 = 2001;

/// The text of the index.
const OWN: &str = "f.plain";

/// People, by their names and addresses.
pub(crate) const PEOPLE: Source = Source {
    index: "holder_search",
    rows: "SELECT h.id FROM {} JOIN holders h ON h.id = found.id",
    text: OWN,
};

/// Phones, by a word of their holder.
pub(crate) const PHONES_OF_PEOPLE: Source = Source {
    index: "holder_search",
    rows: "SELECT p.id FROM {} JOIN phones p ON p.holder_id = found.id",
    text: "(found.plain || '\n' || p.search)",
};

/// Phones, by a word of their own.
pub(crate) const PHONES: Source = Source {
    index: "phone_search",
    rows: "SELECT p.id FROM {} JOIN phones p ON p.id = found.id JOIN holders o ON o.id = p.holder_id",
    text: "(found.plain || '\n' || o.search)",
};

/// Invitations, by the people invited.
pub(crate) const INVITATIONS_OF_PEOPLE: Source = Source {
    index: "holder_search",
    rows: "SELECT i.id FROM {} JOIN invitations i ON i.holder_id = found.id",
    text: OWN,
};

/// Requests, by the people who made them.
pub(crate) const REQUESTS_OF_PEOPLE: Source = Source {
    index: "holder_search",
    rows: "SELECT r.id FROM {} JOIN holder_requests r ON r.holder_id = found.id",
    text: OWN,
};

/// Certificates, by their holders.
pub(crate) const CERTIFICATES_OF_PEOPLE: Source = Source {
    index: "holder_search",
    rows: "SELECT c.id FROM {} JOIN certificates c ON c.holder_id = found.id",
    text: OWN,
};

/// What stands before each line of a text that is searched.
const LINE: char = '\n';

/// What stands for a sign of ASCII behind a `z`, in the order of the signs. No sign is left,
/// so that `LIKE` means the same to both databases.
const SIGNS: &str = "\n !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const CODES: &str = "abcdefghijklmnopqrstuvwxy123456789";
/// What stands for `z` itself.
const ESCAPED: &str = "z0";

/// Most words of a search that are looked for.
const WORDS: usize = 8;

/// What a search looks for: words, all of which must be there, in any order. A word of three characters or more is found
/// anywhere; a shorter one where a line or a word begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patterns {
    /// The longest word, which is looked up in the index.
    first: String,
    /// The other words.
    others: Vec<String>,
}

impl Patterns {
    /// None for a search that finds everything.
    pub(crate) fn of(search: &str) -> Option<Self> {
        let typed = search.to_lowercase();
        let mut others: Vec<String> = Vec::new();
        for word in typed.split_whitespace() {
            if others.len() < WORDS && !others.iter().any(|other| other == word) {
                others.push(word.to_owned());
            }
        }
        let longest =
            (0..others.len()).max_by_key(|at| others.get(*at).map(|word| word.chars().count()))?;
        Some(Self {
            first: others.swap_remove(longest),
            others,
        })
    }

    /// The statements that look it up in the index of a source, each with the values for its question marks.
    pub(crate) fn lookups(&self, source: Source) -> Vec<(String, Vec<String>)> {
        let index = source.index;
        beginnings(&self.first)
            .into_iter()
            .map(|first| {
                let mut values = vec![rough(&first), exact(&first)];
                let mut select = format!(
                    "SELECT f.id, {OWN} FROM {index} f WHERE f.search LIKE ? AND {OWN} LIKE ? ESCAPE '!'"
                );
                // The index has the other words too, but not those of another text.
                for other in self.others.iter().filter(|_| source.text == OWN) {
                    if is_long(other) {
                        select.push_str(" AND f.search LIKE ?");
                        values.push(rough(other));
                    }
                    let (condition, own) = is_in(OWN, other);
                    select.push_str(" AND ");
                    select.push_str(&condition);
                    values.extend(own);
                }
                select.push_str(&format!(" LIMIT {FOUND}"));
                (select, values)
            })
            .collect()
    }

    /// The statements that find it in a source among the rows of a condition, each with the values for its question marks.
    pub(crate) fn selects<V: Clone + From<String>>(
        &self,
        source: Source,
        (condition, of_condition): (&str, &[V]),
    ) -> Vec<(String, Vec<V>)> {
        self.lookups(source)
            .into_iter()
            .map(|(lookup, mut values)| {
                let mut conditions = Vec::new();
                for other in self.others.iter().filter(|_| source.text != OWN) {
                    let (condition, own) = is_in(source.text, other);
                    conditions.push(condition);
                    values.extend(own);
                }
                if !condition.is_empty() {
                    conditions.push(condition.to_owned());
                }
                let mut select = source.rows.replace("{}", &format!("({lookup}) AS found"));
                if !conditions.is_empty() {
                    select.push_str(" WHERE ");
                    select.push_str(&conditions.join(" AND "));
                }
                let mut values: Vec<V> = values.into_iter().map(V::from).collect();
                values.extend(of_condition.iter().cloned());
                (select, values)
            })
            .collect()
    }

    /// That all words are in a text, with the values for the question marks.
    pub(crate) fn all_in(&self, text: &str) -> (String, Vec<String>) {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for word in std::iter::once(&self.first).chain(&self.others) {
            let (condition, own) = is_in(text, word);
            conditions.push(condition);
            values.extend(own);
        }
        (conditions.join(" AND "), values)
    }
}

/// That a word is in a text, with the values for the question marks.
fn is_in(text: &str, word: &str) -> (String, Vec<String>) {
    // Signs alone are found anywhere, as words are.
    let ways = if word.chars().any(char::is_alphanumeric) {
        beginnings(word)
    } else {
        vec![word.to_owned()]
    };
    let conditions = vec![format!("{text} LIKE ? ESCAPE '!'"); ways.len()];
    let values = ways.iter().map(|way| exact(way)).collect();
    (format!("({})", conditions.join(" OR ")), values)
}

/// Whether a word is found anywhere, and not only where one begins.
fn is_long(word: &str) -> bool {
    word.chars().count() >= 3
}

/// What is looked for in place of a word: itself, or where it may begin.
fn beginnings(word: &str) -> Vec<String> {
    if is_long(word) {
        vec![word.to_owned()]
    } else {
        [LINE, ' '].map(|before| format!("{before}{word}")).into()
    }
}

/// For `LIKE`, in the index. The letters that stand for a sign may be letters of the text.
fn rough(text: &str) -> String {
    let mut pattern = "%".to_owned();
    text.chars()
        .for_each(|character| push(&mut pattern, character));
    pattern.push('%');
    pattern
}

/// For `LIKE ... ESCAPE '!'`, in the text itself.
fn exact(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
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
        assert_eq!(rough("100%_!\\az"), "%100zgz4zcz1az0%");
        assert_eq!(exact("100%_!\\az"), "%100!%!_!!\\az%");
        assert_eq!(Patterns::of(" "), None);
    }

    #[test]
    fn little_is_looked_for_where_a_line_or_a_word_begins() {
        let patterns = Patterns::of("Al").unwrap();
        let found: Vec<_> = patterns
            .selects::<String>(PEOPLE, ("", &[]))
            .into_iter()
            .map(|(_, values)| values)
            .collect();
        assert_eq!(found, [["%zaal%", "%\nal%"], ["%zbal%", "% al%"]]);
    }

    #[test]
    fn the_longest_word_is_looked_up_and_each_other_is_to_be_there() {
        let patterns = Patterns::of("li example WEI li").unwrap();
        let selects = patterns.selects::<String>(PEOPLE, ("", &[]));
        let [(_, values)] = selects.as_slice() else {
            panic!("{selects:?}")
        };
        assert_eq!(values[1], "%example%");
        let mut others = values[2..].to_vec();
        others.sort();
        // A long one twice: in the index, and in the text.
        assert_eq!(others, ["%\nli%", "% li%", "%wei%", "%wei%"]);
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
