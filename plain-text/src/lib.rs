//! Text from outside, as a terminal may have it: every program of the workspace shows through [`Plain`] what a server, a
//! card or a file says.
//!
//! A terminal obeys what it is shown: a sequence that begins with ESC moves the cursor or sets colours, a line end begins
//! a line that seems to be the program's own, and an override (U+202E) turns round the order in which a line is read.
#![forbid(unsafe_code)]

use std::fmt::{self, Display, Formatter, Write};

/// Shows a value on one line, each character that could do more than be seen as its escape `\u{1b}`.
#[derive(Clone, Copy, Debug)]
pub struct Plain<T>(pub T);

impl<T: Display> Display for Plain<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// Shows JSON with each character that could do more than be seen as JSON's own escape `\u202e`: the same values, for
/// programs and terminals alike. Line ends between values stay.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(pub &'a str);

impl Display for Json<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| {
            if is_plain(c) || c == '\n' {
                return f.write_char(c);
            }
            // Control characters stand escaped in JSON already, and all others in strings alone.
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .try_for_each(|unit| write!(f, "\\u{unit:04x}"))
        })
    }
}

/// Passes text on, escaped.
struct Escaping<'a, 'b>(&'a mut Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        if is_plain(c) {
            self.0.write_char(c)
        } else {
            write!(self.0, "{}", c.escape_unicode())
        }
    }
}

/// Whether a character is seen and does nothing else: it is not a control, does not end a line, does not change the
/// direction of writing, and is not invisible. The joiners U+200C and U+200D are plain, since words of some languages
/// need them.
fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_as_what_it_is() {
        for (text, shown) in [
            (
                "\u{1b}[2J\u{1b}]0;title\u{7}",
                "\\u{1b}[2J\\u{1b}]0;title\\u{7}",
            ),
            ("Alice\r\nPUK 12345678", "Alice\\u{d}\\u{a}PUK 12345678"),
            ("Alice\u{202e}ecilA", "Alice\\u{202e}ecilA"),
            ("\u{9b}31m", "\\u{9b}31m"),
            (
                "a\u{2028}b\u{200b}c\tb\0",
                "a\\u{2028}b\\u{200b}c\\u{9}b\\u{0}",
            ),
        ] {
            assert_eq!(Plain(text).to_string(), shown);
        }
    }

    #[test]
    fn json_stays_the_same_value() {
        let json = "{\n  \"name\": \"Alice\u{202e}\u{e0041}\u{7f} Zoë\"\n}";
        let shown = "{\n  \"name\": \"Alice\\u202e\\udb40\\udc41\\u007f Zoë\"\n}";
        assert_eq!(Json(json).to_string(), shown);
    }

    #[test]
    fn what_people_are_called_stays_as_it_is() {
        for name in [
            "Zoë O’Brien-García",
            "محمد علی",
            "یاسمن می\u{200c}خواهم",
            "李小龍",
            "ශ්\u{200d}රී",
            "back\\slash \"quoted\"",
        ] {
            assert_eq!(Plain(name).to_string(), name);
        }
    }
}
