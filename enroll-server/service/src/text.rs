//! Characters of names that nobody sees: with them two names look the same, or a name changes the order of what is around
//! it.

use icu_properties::props::{
    BinaryProperty, CanonicalCombiningClass, DefaultIgnorableCodePoint, EnumeratedProperty,
    GeneralCategory, JoiningType,
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// A symbol by its category, and as empty as a space.
const BRAILLE_BLANK: char = '\u{2800}';
/// Symbols that stand for something that is not there, or for nothing.
const STANDS_FOR_NOTHING: [char; 4] = [BRAILLE_BLANK, '\u{fffc}', '\u{fffd}', '\u{1d159}'];
/// Most marks on one letter: Vietnamese has two, Hebrew with cantillation four.
const MOST_MARKS: usize = 4;

/// A text with single spaces between its words, and none around them.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first character of a name that cannot be seen: a control, one that changes the direction of writing, one without
/// width, one that is not assigned, or a mark without a letter or beyond what letters have. Those that some scripts need
/// between two letters (RFC 5892, appendix A.1) are not among them where they stand so.
#[must_use]
pub fn first_unseen(name: &str) -> Option<char> {
    let mut before = None;
    let mut marks = 0;
    for character in name.chars() {
        if is_unseen(character) && !joins(before, character) {
            return Some(character);
        }
        if is_mark(character) {
            marks += 1;
            if marks > MOST_MARKS || before.is_none_or(char::is_whitespace) {
                return Some(character);
            }
        } else {
            marks = 0;
        }
        before = Some(character);
    }
    None
}

/// A character as Unicode writes it.
#[must_use]
pub fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Whether it is drawn over or under the letter before it.
fn is_mark(character: char) -> bool {
    matches!(
        GeneralCategory::for_char(character),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    )
}

/// The same name without such characters.
#[must_use]
pub fn without_unseen(name: &str) -> String {
    let mut seen = String::with_capacity(name.len());
    for character in name.chars() {
        if !is_unseen(character) || joins(seen.chars().next_back(), character) {
            seen.push(character);
        }
    }
    seen
}

fn is_unseen(character: char) -> bool {
    DefaultIgnorableCodePoint::for_char(character)
        || STANDS_FOR_NOTHING.contains(&character)
        || matches!(
            GeneralCategory::for_char(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        )
}

/// Whether a joiner stands where it changes what is seen.
fn joins(before: Option<char>, joiner: char) -> bool {
    let Some(before) = before else {
        return false;
    };
    let after_virama = CanonicalCombiningClass::for_char(before) == CanonicalCombiningClass::Virama;
    match joiner {
        ZERO_WIDTH_JOINER => after_virama,
        ZERO_WIDTH_NON_JOINER => {
            after_virama
                || matches!(
                    JoiningType::for_char(before),
                    JoiningType::DualJoining | JoiningType::LeftJoining
                )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_are_called_can_be_seen() {
        for name in [
            "Alice Example",
            "Zoë O’Brien-García",
            "محمد علی",
            "یاسمن می\u{200c}خواهم",
            "李小龍",
            "ශ්\u{200d}රී",
            "नमस्ते",
            "Ελένη",
            "\u{10400}\u{10401}",
            "D’Arcy 🙂",
        ] {
            assert_eq!(first_unseen(name), None, "{name}");
            assert_eq!(without_unseen(name), name);
        }
    }

    #[test]
    fn marks_belong_to_letters() {
        for (name, found) in [
            ("\u{301}\u{301}", Some('\u{301}')),
            ("Al \u{301}ice", Some('\u{301}')),
            ("A\u{301}\u{301}\u{301}\u{301}\u{301}", Some('\u{301}')),
            ("Tr\u{1b0}\u{323}ng Nguye\u{302}\u{303}n", None),
            ("ศ\u{e34}ร\u{e34}", None),
        ] {
            assert_eq!(first_unseen(name), found, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_found() {
        for unseen in [
            '\0',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{2800}',
            '\u{fffc}',
            '\u{fffd}',
            '\u{1d159}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{ffa0}',
            '\u{e000}',
            '\u{e0041}',
            '\u{378}',
            '\u{10ffff}',
        ] {
            let name = format!("Al{unseen}ice");
            assert_eq!(first_unseen(&name), Some(unseen), "{unseen:?}");
            assert_eq!(without_unseen(&name), "Alice");
        }
    }
}
