//! Searching by trigrams: any three characters that stand next to each other in a text are in an index, so that a text is
//! found by what is in the middle of it. What is not a letter or a digit stands in the index as letters (the migrations'
//! `searchable`), so that it is found like them; the text itself then decides.

/// Where a search looks, and for what. A search that fits more than a thousand rows says too little to be of use; which of them
/// are shown is not said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// What is selected, up to `WHERE`: `f` is the index by trigrams in which one word is looked up.
    select: &'static str,
    /// The text in which the other words are to be.
    text: &'static str,
}

/// People, by their names and addresses.
pub(crate) const PEOPLE: Source = Source {
    select: "SELECT f.id FROM holder_search f WHERE ",
    text: "f.plain",
};

/// Phones, by a word of their holder.
pub(crate) const PHONES_OF_PEOPLE: Source = Source {
    select: "SELECT m.id FROM holder_search f JOIN phones m ON m.holder_id = f.id WHERE ",
    text: "(f.plain || '\n' || m.search)",
};

/// Phones, by a word of their own.
pub(crate) const PHONES: Source = Source {
    select: "SELECT f.id FROM phone_search f JOIN phones m ON m.id = f.id JOIN holders o ON o.id = m.holder_id WHERE ",
    text: "(f.plain || '\n' || o.search)",
};

/// Invitations, by the people invited.
pub(crate) const INVITATIONS_OF_PEOPLE: Source = Source {
    select: "SELECT m.id FROM holder_search f JOIN invitations m ON m.holder_id = f.id WHERE ",
    text: "f.plain",
};

/// Certificates, by their holders.
pub(crate) const CERTIFICATES_OF_PEOPLE: Source = Source {
    select: "SELECT m.id FROM holder_search f JOIN certificates m ON m.holder_id = f.id WHERE ",
    text: "f.plain",
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

    /// The statements that find it in a source, each with the values for its question marks.
    pub(crate) fn selects(&self, source: Source) -> Vec<(String, Vec<String>)> {
        let text = source.text;
        beginnings(&self.first)
            .into_iter()
            .map(|first| {
                let mut values = vec![rough(&first), exact(&first)];
                let mut select = format!(
                    "SELECT n.id FROM ({}f.search LIKE ? AND f.plain LIKE ? ESCAPE '!'",
                    source.select
                );
                for other in &self.others {
                    // Signs alone are found anywhere, as words are.
                    let ways = if other.chars().any(char::is_alphanumeric) {
                        beginnings(other)
                    } else {
                        vec![other.clone()]
                    };
                    let conditions = vec![format!("{text} LIKE ? ESCAPE '!'"); ways.len()];
                    select.push_str(&format!(" AND ({})", conditions.join(" OR ")));
                    values.extend(ways.iter().map(|way| exact(way)));
                }
                select.push_str(" LIMIT 1001) AS n");
                (select, values)
            })
            .collect()
    }
}

/// What is looked for in place of a word: itself, or where it may begin.
fn beginnings(word: &str) -> Vec<String> {
    if word.chars().count() < 3 {
        [LINE, ' '].map(|before| format!("{before}{word}")).into()
    } else {
        vec![word.to_owned()]
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
            .selects(PEOPLE)
            .into_iter()
            .map(|(_, values)| values)
            .collect();
        assert_eq!(found, [["%zaal%", "%\nal%"], ["%zbal%", "% al%"]]);
    }

    #[test]
    fn the_longest_word_is_looked_up_and_each_other_is_to_be_there() {
        let patterns = Patterns::of("li example WEI li").unwrap();
        let selects = patterns.selects(PEOPLE);
        let [(_, values)] = selects.as_slice() else {
            panic!("{selects:?}")
        };
        assert_eq!(values[1], "%example%");
        let mut others = values[2..].to_vec();
        others.sort();
        assert_eq!(others, ["%\nli%", "% li%", "%wei%"]);
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
