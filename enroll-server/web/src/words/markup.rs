//! Messages with elements of the page in them.

use std::fmt;

use askama::filters::HtmlSafe;

use super::argument::Argument;
use super::mark::index_of;

/// Text with elements in it, ready for a page: its text is escaped, its elements are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// A link with a label.
    #[must_use]
    pub fn link(href: &str, label: &str) -> Self {
        Self(format!(
            r#"<a href="{}">{}</a>"#,
            escaped(href),
            escaped(label)
        ))
    }

    /// Text that matters.
    #[must_use]
    pub fn strong(text: &str) -> Self {
        Self(format!("<strong>{}</strong>", escaped(text)))
    }

    /// Text to be read character by character.
    #[must_use]
    pub fn code(text: &str) -> Self {
        Self(format!("<code>{}</code>", escaped(text)))
    }

    /// A message in which marks stand for the elements among its arguments.
    pub(super) fn from_marked(message: &str, arguments: &[(&str, Argument<'_>)]) -> Self {
        let element = |character: char| match arguments.get(index_of(character)?) {
            Some((_, Argument::Element(element))) => Some(element),
            _ => None,
        };
        let mut html = String::with_capacity(message.len());
        for character in escaped(message).to_string().chars() {
            match element(character) {
                Some(element) => html.push_str(element),
                None => html.push(character),
            }
        }
        Self(html)
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// Text as it may stand in HTML.
pub(crate) fn escaped(text: &str) -> impl fmt::Display + '_ {
    askama::filters::escape(text, askama::filters::Html).unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::super::mark::mark;
    use super::*;

    #[test]
    fn the_text_of_a_message_is_escaped_and_its_elements_are_not() {
        let link = Markup::link("/a?b=1&c=2", "<here>");
        let arguments = [
            ("name", Argument::Text("")),
            ("link", Argument::Element(link.to_string())),
        ];
        let html = Markup::from_marked(&format!("<b> {}.", mark(1)), &arguments);
        assert_eq!(
            html.to_string(),
            "&#60;b&#62; <a href=\"/a?b=1&#38;c=2\">&#60;here&#62;</a>."
        );
    }
}
