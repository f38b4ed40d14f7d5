//! What a message's variables stand for.

use std::borrow::Cow;

use fluent_bundle::FluentValue;

use super::mark::is_mark;

/// First strong isolate and pop directional isolate (UAX #9): what stands between them does not change the order of
/// what surrounds it.
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub(super) i64);

macro_rules! number_from {
    ($($integer:ty),+) => {$(
        impl From<$integer> for Number {
            fn from(number: $integer) -> Self {
                Self(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }

        impl From<&$integer> for Number {
            fn from(number: &$integer) -> Self {
                Self::from(*number)
            }
        }
    )+};
}
number_from!(i64, u64, usize, u32);

/// The value of a variable.
#[derive(Debug)]
pub(super) enum Argument<'a> {
    /// A text as somebody gave it.
    Text(&'a str),
    /// A whole number.
    Number(Number),
    /// Markup.
    Element(String),
}

impl<'a> Argument<'a> {
    /// The value as Fluent has it; `mark` stands for an element.
    pub(super) fn value(&self, mark: char) -> FluentValue<'a> {
        match self {
            Self::Text(text) => FluentValue::String(isolated(text)),
            Self::Number(number) => FluentValue::from(number.0),
            Self::Element(_) => FluentValue::String(Cow::Owned(mark.to_string())),
        }
    }
}

/// A text that cannot change the order of the sentence around it. Only a text that is written from right to left, or
/// that has marks of direction, needs that: all others stay as they are, so that a name can be copied and searched.
pub(crate) fn isolated(text: &str) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|one| changes_direction(one) || is_mark(one))
    {
        return Cow::Borrowed(text);
    }
    let inside: String = text
        .chars()
        .filter(|one| !is_mark_of_direction(*one) && !is_mark(*one))
        .collect();
    Cow::Owned(format!("{ISOLATE}{inside}{END_OF_ISOLATE}"))
}

/// Explicit embeddings, overrides and isolates (UAX #9, section 2).
fn is_mark_of_direction(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Scripts that are written from right to left have these blocks of Unicode.
fn changes_direction(character: char) -> bool {
    is_mark_of_direction(character)
        || matches!(character,
            '\u{0590}'..='\u{08FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_latin_letters_stays_as_it_is() {
        for name in ["Alice Example", "Özlem Çelik", "王小明", "Ольга"] {
            assert_eq!(isolated(name), name);
        }
    }

    #[test]
    fn a_name_from_right_to_left_keeps_its_order_to_itself() {
        assert_eq!(isolated("שרה כהן"), "\u{2068}שרה כהן\u{2069}");
        assert_eq!(isolated("evil\u{202E}txt"), "\u{2068}eviltxt\u{2069}");
    }
}
