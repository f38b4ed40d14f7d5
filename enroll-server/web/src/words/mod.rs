//! The catalogue of words: every text that people see, in `web/words`, a folder for each language.
//!
//! The build makes a method of [`Words`] of each message, with the message's variables as typed parameters: a missing
//! message or variable does not compile, and the compiler reports a message that nothing uses. A message is plain text
//! and is escaped by the template that shows it. Where an element of the page belongs in a sentence (a link, a time)
//! the message has a variable for it, declared as an `(element)`, and the method returns [`Markup`].
//!
//! Pages get the words of their reader's language as a value; nothing here is global but the catalogue itself.

mod accept;
mod argument;
pub mod choice;
mod language;
mod mark;
mod markup;
mod memo;
mod policy;
mod refusal;

use std::sync::LazyLock;

use argument::Argument;
pub use argument::Number;
pub(crate) use argument::isolated;
pub use markup::Markup;
pub(crate) use markup::escaped;

/// A text of the catalogue.
pub type Text = std::borrow::Cow<'static, str>;

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words(&'static LazyLock<language::Language>);

impl Words {
    /// English.
    #[must_use]
    pub fn english() -> Self {
        Self(&messages::EN)
    }

    /// The words of every language, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        messages::ALL.iter().map(|(_, language)| Self(language))
    }

    /// The words of every other language.
    pub fn others(self) -> impl Iterator<Item = Self> {
        Self::all().filter(move |one| *one != self)
    }

    /// The words of the language with this tag, if we speak it.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let known = messages::ALL.iter().find(|(known, _)| *known == tag);
        known.map(|(_, language)| Self(language))
    }

    /// The words of the language with this tag or name, in whatever case, if we speak it.
    #[must_use]
    pub fn named(named: &str) -> Option<Self> {
        let named = named.trim().to_lowercase();
        Self::all()
            .find(|one| one.language() == named || one.language_name().to_lowercase() == named)
    }

    /// The words of the language that a browser asks for most, as its `Accept-Language` says; English if it asks for
    /// none of ours.
    #[must_use]
    pub fn asked_for(accept_language: &str) -> Self {
        let tags: Vec<&str> = messages::ALL.iter().map(|(tag, _)| *tag).collect();
        accept::lookup(accept_language, &tags)
            .and_then(Self::of)
            .unwrap_or_else(Self::english)
    }

    /// The language's tag (BCP 47), for the `lang` attribute of a page.
    #[must_use]
    pub fn language(self) -> &'static str {
        self.0.tag()
    }

    /// A date and time of day in UTC, without the zone: "24 Nov 2026, 14:05".
    pub(crate) fn date_time(self, at: time::OffsetDateTime) -> String {
        self.0.date_time(at)
    }

    /// The text for a time to the second, which `say` puts together the first time.
    pub(crate) fn time(
        self,
        at: time::OffsetDateTime,
        say: impl FnOnce() -> String,
    ) -> std::sync::Arc<str> {
        self.0.time(at, say)
    }

    fn say(self, id: &'static str, arguments: &[(&'static str, Argument<'_>)]) -> Text {
        self.0.said(id, arguments)
    }

    fn say_with_elements(
        self,
        id: &'static str,
        arguments: &[(&'static str, Argument<'_>)],
    ) -> Markup {
        Markup::from_marked(&self.0.said(id, arguments), arguments)
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({})", self.language())
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Words {}

/// The messages as methods, made by the build.
mod messages {
    use std::sync::LazyLock;

    use askama::filters::HtmlSafe;

    use super::argument::{Argument, Number};
    use super::language::Language;
    use super::{Markup, Text, Words};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_the_plural_and_are_read_at_a_glance() {
        let words = Words::english();
        assert_eq!(words.figure(1_234_567_i64), "1,234,567");
        assert_eq!(words.product_name(), "Tapcard");
        assert_eq!(
            words.phone_active("Alice Example", 1_usize),
            "Alice Example can use this phone as a smart card: it has 1 valid certificate."
        );
        assert_eq!(
            words.need_certificates(1_200_i64, 30_u32),
            "1,200 certificates expire within 30 days"
        );
        assert_eq!(words.figure_phones_note(0_i64), "nobody yet");
    }

    #[test]
    fn german_chooses_plurals_and_separates_thousands_its_own_way() {
        let words = Words::of("de").unwrap();
        assert_eq!(words.figure(1_234_567_i64), "1.234.567");
        assert_eq!(
            words.phone_active("Alice Example", 1_usize),
            "Alice Example kann dieses Smartphone als Smartcard verwenden: Es hat 1 gültiges Zertifikat."
        );
        assert_eq!(
            words.need_certificates(1_200_i64, 30_u32),
            "1.200 Zertifikate laufen innerhalb von 30 Tagen ab"
        );
        assert_eq!(words.figure_phones_note(0_i64), "noch keine Person");
    }

    #[test]
    fn every_language_is_known_by_its_tag_and_calls_itself_by_its_name() {
        let names: Vec<_> = Words::all()
            .map(|words| (words.language(), words.language_name()))
            .collect();
        assert_eq!(names, [("en", "English".into()), ("de", "Deutsch".into())]);
        assert!(Words::all().all(|words| Words::of(words.language()) == Some(words)));
        assert_eq!(Words::of("DE"), None);
        assert_eq!(Words::asked_for("de-AT"), Words::of("de").unwrap());
        assert_eq!(Words::asked_for("fr"), Words::english());
    }

    #[test]
    fn an_element_stands_in_its_sentence_and_what_surrounds_it_is_escaped() {
        let new_one = Markup::link("/invitations/new", "make a new one");
        let said = Words::english().invitation_link_gone("<Alice>", new_one);
        assert!(
            said.to_string()
                .ends_with("If &#60;Alice&#62; has lost it, cancel this invitation and <a href=\"/invitations/new\">make a new one</a>."),
            "{said}"
        );
    }

    #[test]
    fn a_name_from_right_to_left_does_not_turn_the_sentence_around() {
        let said = Words::english().invited_by("שרה");
        assert_eq!(said, "by \u{2068}שרה\u{2069}");
    }
}
