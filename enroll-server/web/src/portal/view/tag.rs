//! Status tags: an adjective with a pictogram, so that colour is never the only sign.

use std::fmt;

use super::icon::Icon;
use crate::words::{Text, escaped};

/// What a status means for the reader; decides the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Wants attention soon.
    Notice,
    /// Refused, revoked, failed.
    Bad,
    /// Under way.
    Info,
    /// Over, of no further interest.
    Quiet,
}

impl Tone {
    /// The class in the style sheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Quiet => "quiet",
        }
    }
}

/// A status as a small label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    tone: Tone,
    icon: Icon,
    /// The word.
    pub text: Text,
}

impl Tag {
    /// A label in a tone, with the pictogram that goes with the word.
    #[must_use]
    pub fn new(tone: Tone, icon: Icon, text: impl Into<Text>) -> Self {
        Self {
            tone,
            icon,
            text: text.into(),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<span class="tag {}">{}{}</span>"#,
            self.tone.class(),
            self.icon,
            escaped(&self.text)
        )
    }
}

impl askama::filters::HtmlSafe for Tag {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_tag_is_escaped() {
        let tag = Tag::new(Tone::Bad, Icon::Stop, "<b>Revoked</b>");
        assert!(tag.to_string().contains("&#60;b&#62;Revoked"));
    }
}
