//! Searching by trigrams: any three characters that stand next to each other in a text are in an index, so that a text is
//! found by what is in the middle of it. What is not a letter or a digit stands there as letters (the migrations'
//! `searchable_`), so that it is found like them.

/// Most people, phones or serial numbers that a search takes into account.
///
/// A search that fits more of them says too little to be of use; which of them are shown is not said.
macro_rules! people {
    ($pattern:literal) => {
        concat!(
            "SELECT f.id FROM holder_search f WHERE f.search LIKE ",
            $pattern,
            " LIMIT 200",
        )
    };
}
pub(crate) use people;

/// The phones whose holder, name or GUID fits.
macro_rules! phones_found {
    ($pattern:literal) => {
        concat!(
            "SELECT m.id FROM phones m WHERE m.holder_id IN (",
            people!($pattern),
            ") UNION SELECT n.id FROM (SELECT f.id FROM phone_search f WHERE f.search LIKE ",
            $pattern,
            " LIMIT 200) AS n",
        )
    };
}
pub(crate) use phones_found;

/// What stands before each line of a text that is searched.
pub(crate) const LINE: char = '\n';

/// What stands for a sign of ASCII behind a `z`, in the order of the signs. No sign is left,
/// so that `LIKE` means the same to both databases.
const SIGNS: &str = "\n !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const CODES: &str = "abcdefghijklmnopqrstuvwxy123456789";
/// What stands for `z` itself.
const ESCAPED: &str = "z0";

/// What `LIKE` looks for: a text anywhere; one of one or two characters, where a name or address begins. None finds everything.
pub(crate) fn pattern(search: &str) -> Option<String> {
    let typed = search.to_lowercase();
    if typed.is_empty() {
        return None;
    }
    let mut pattern = "%".to_owned();
    if typed.chars().count() < 3 {
        push(&mut pattern, LINE);
    }
    for character in typed.chars() {
        push(&mut pattern, character);
    }
    pattern.push('%');
    Some(pattern)
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
        assert_eq!(pattern("100%_\\Az").unwrap(), "%100zgz4z1az0%");
        assert_eq!(pattern(""), None);
    }

    #[test]
    fn little_is_looked_for_where_a_line_begins() {
        assert_eq!(pattern("Al").unwrap(), "%zaal%");
        assert_eq!(pattern("_").unwrap(), "%zaz4%");
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
