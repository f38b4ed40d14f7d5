//! As much of an HTML page as a person without a mouse sees: text, links, forms and their fields.

use html5gum::{Token, Tokenizer};

/// A form as it stands on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent to; empty means the page's own address.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// Names and values of its fields as filled in by the server (hidden ones too).
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Fills in a field; false if the form has none of this name.
    #[must_use]
    pub fn fill(&mut self, name: &str, value: &str) -> bool {
        let field = self.fields.iter_mut().find(|(field, _)| field == name);
        field.is_some_and(|(_, content)| {
            value.clone_into(content);
            true
        })
    }
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub target: String,
    /// What it reads.
    pub text: String,
}

/// What a page consists of.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// All visible text, white space collapsed.
    pub text: String,
    /// The forms, in order.
    pub forms: Vec<Form>,
    /// The links, in order.
    pub links: Vec<Link>,
    /// The elements that have an id: id, text or value or target.
    marked: Vec<(String, String)>,
}

impl Document {
    /// Reads a page.
    #[must_use]
    pub fn parse(html: &str) -> Self {
        let mut reader = Reader::default();
        for token in Tokenizer::new(html) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let attribute = |name: &str| {
                        tag.attributes
                            .get(name.as_bytes())
                            .map(|value| String::from_utf8_lossy(value).into_owned())
                    };
                    reader.open(&String::from_utf8_lossy(&tag.name), &attribute);
                }
                Token::EndTag(tag) => reader.close(&String::from_utf8_lossy(&tag.name)),
                Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
                _ => {}
            }
        }
        reader.document.text = collapse(&reader.document.text);
        for link in &mut reader.document.links {
            link.text = collapse(&link.text);
        }
        reader.document
    }

    /// The content of the element with this id: a link's target, a field's value, or the text.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<String> {
        let (_, content) = self.marked.iter().find(|(marked, _)| marked == id)?;
        Some(collapse(content))
    }
}

/// What the reader is inside of.
#[derive(Debug, Default)]
struct Reader {
    document: Document,
    form: Option<Form>,
    /// The name of the open `select`, and whether one of its options has been taken.
    select: Option<(String, bool)>,
    /// The name of the open `textarea`.
    textarea: Option<String>,
    /// The open `style` or `script`, whose text nobody sees.
    unseen: Option<String>,
    is_in_link: bool,
    /// An element with an id whose text is being read: its tag and how deep in elements of the same tag.
    marking: Option<(String, usize)>,
}

impl Reader {
    fn open(&mut self, name: &str, attribute: &dyn Fn(&str) -> Option<String>) {
        if let Some((tag, depth)) = &mut self.marking
            && tag == name
        {
            *depth += 1;
        }
        if let Some(id) = attribute("id") {
            let content = attribute("href").or_else(|| attribute("value"));
            if content.is_none() {
                self.marking = Some((name.to_owned(), 1));
            }
            self.document.marked.push((id, content.unwrap_or_default()));
        }
        match name {
            "form" => {
                self.form = Some(Form {
                    action: attribute("action").unwrap_or_default(),
                    method: attribute("method").unwrap_or_default().to_lowercase(),
                    fields: Vec::new(),
                });
            }
            "input" => self.input(attribute),
            "button" => {
                if let (Some(name), Some(value)) = (attribute("name"), attribute("value")) {
                    self.field(name, value);
                }
            }
            "select" => self.select = attribute("name").map(|name| (name, false)),
            "option" => self.option(attribute),
            "textarea" => {
                self.textarea = attribute("name");
                if let Some(name) = self.textarea.clone() {
                    self.field(name, String::new());
                }
            }
            "a" => {
                self.is_in_link = true;
                self.document.links.push(Link {
                    target: attribute("href").unwrap_or_default(),
                    text: String::new(),
                });
            }
            "script" | "style" => self.unseen = Some(name.to_owned()),
            _ => {}
        }
        self.document.text.push(' ');
    }

    fn input(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let Some(name) = attribute("name") else {
            return;
        };
        let kind = attribute("type").unwrap_or_default();
        let is_choice = kind == "radio" || kind == "checkbox";
        let value = attribute("value");
        if is_choice && attribute("checked").is_none() {
            // Not chosen; there nevertheless, so that it can be filled in.
            let is_known = self
                .form
                .as_ref()
                .is_some_and(|form| form.fields.iter().any(|(field, _)| *field == name));
            if kind == "radio" && !is_known {
                self.field(name, String::new());
            }
        } else if kind == "radio" {
            let value = value.unwrap_or_default();
            let is_filled = self
                .form
                .as_mut()
                .is_some_and(|form| form.fill(&name, &value));
            if !is_filled {
                self.field(name, value);
            }
        } else {
            self.field(name, value.unwrap_or_default());
        }
    }

    fn option(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let Some((name, taken)) = self.select.clone() else {
            return;
        };
        let value = attribute("value").unwrap_or_default();
        if !taken {
            self.field(name.clone(), value);
            self.select = Some((name, true));
        } else if attribute("selected").is_some()
            && let Some(form) = &mut self.form
        {
            let _ = form.fill(&name, &value);
        }
    }

    fn field(&mut self, name: String, value: String) {
        if let Some(form) = &mut self.form {
            form.fields.push((name, value));
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((tag, depth)) = &mut self.marking
            && tag == name
        {
            *depth -= 1;
            if *depth == 0 {
                self.marking = None;
            }
        }
        match name {
            "form" => self.document.forms.extend(self.form.take()),
            "select" => self.select = None,
            "textarea" => self.textarea = None,
            "a" => self.is_in_link = false,
            _ if self.unseen.as_deref() == Some(name) => self.unseen = None,
            _ => {}
        }
        self.document.text.push(' ');
    }

    fn text(&mut self, text: &str) {
        if self.unseen.is_some() {
            return;
        }
        if let (Some(name), Some(form)) = (&self.textarea, &mut self.form) {
            let _ = form.fill(name, text);
            return;
        }
        if self.is_in_link
            && let Some(link) = self.document.links.last_mut()
        {
            link.text.push_str(text);
        }
        if self.marking.is_some()
            && let Some((_, content)) = self.document.marked.last_mut()
        {
            content.push_str(text);
        }
        self.document.text.push_str(text);
    }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_what_the_server_filled_in() {
        let page = Document::parse(
            r#"<h1>Invite</h1><form method="post" action="/invitations/new">
               <input type="hidden" name="csrf" value="a&amp;b"><input name="name">
               <label><input type="radio" name="reason" value="one"> One</label>
               <label><input type="radio" name="reason" value="two" checked> Two</label>
               <select name="profile"><option value="standard">S<option value="compact" selected>C</select>
               <textarea name="note">hello</textarea><button>Go</button></form>
               <p>Link: <code id="invitation-link">https://a/<wbr>b</code></p>"#,
        );
        let form = page.forms.first().cloned().unwrap_or_default();
        let expected = [
            ("csrf", "a&b"),
            ("name", ""),
            ("reason", "two"),
            ("profile", "compact"),
            ("note", "hello"),
        ];
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(fields, expected);
        assert_eq!(
            page.by_id("invitation-link").as_deref(),
            Some("https://a/b")
        );
    }
}
