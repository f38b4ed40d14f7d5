//! The types of the API's document, as its page shows them.

use std::fmt;

use serde_json::Value;

use crate::words::escaped;

/// Where the document has its types.
const TYPES: &str = "#/components/schemas/";

/// A member of a type, or a parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it is.
    pub description: String,
}

/// What a field holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// In the words of JSON Schema, or the name of a type.
    pub text: String,
    /// Whether that is the name of a type of the document.
    pub is_named: bool,
    /// The words that it is one of.
    pub words: Vec<String>,
}

impl Kind {
    /// What a schema allows.
    #[must_use]
    pub fn of(schema: &Value) -> Self {
        if let Some(name) = name_of(schema) {
            return Self {
                text: name.to_owned(),
                is_named: true,
                words: Vec::new(),
            };
        }
        if let Some(items) = schema.get("items") {
            let item = Self::of(items);
            return Self {
                text: format!("[{}]", item.text),
                ..item
            };
        }
        // A type that may be null.
        let choices = schema.get("oneOf").and_then(Value::as_array);
        if let Some(named) = choices.and_then(|all| all.iter().find(|one| name_of(one).is_some())) {
            return Self::of(named);
        }
        Self {
            text: format_of(schema).unwrap_or_else(|| type_of(schema)),
            is_named: false,
            words: strings(schema.get("enum")),
        }
    }
}

/// As the page shows it: a type with a link to its place.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_named {
            let name = self.text.trim_matches(['[', ']']);
            write!(
                f,
                "<a href=\"#type-{}\">{}</a>",
                escaped(name),
                escaped(&self.text)
            )?;
        } else {
            write!(f, "{}", escaped(&self.text))?;
        }
        if !self.words.is_empty() {
            let words = self.words.join(", ");
            write!(f, " <span class=\"sub\">{}</span>", escaped(&words))?;
        }
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Kind {}

/// The name of the type that a schema stands for.
#[must_use]
pub fn name_of(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(TYPES)
}

fn format_of(schema: &Value) -> Option<String> {
    let format = schema.get("format")?.as_str()?;
    (format == "date-time").then(|| format.to_owned())
}

fn type_of(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        several => strings(several).join(" | "),
    }
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice);
    let words = list.unwrap_or_default().iter().filter_map(Value::as_str);
    words.map(str::to_owned).collect()
}

/// The members of a type.
#[must_use]
pub fn fields(schema: &Value) -> Vec<Field> {
    let required = strings(schema.get("required"));
    let members = schema.get("properties").and_then(Value::as_object);
    let members = members.into_iter().flatten();
    members
        .map(|(name, member)| Field {
            kind: Kind::of(member),
            is_required: required.contains(name),
            description: text(member, "description"),
            name: name.clone(),
        })
        .collect()
}

/// A text of the document.
#[must_use]
pub fn text(value: &Value, member: &str) -> String {
    let text = value.get(member).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_says_what_it_holds() {
        let cases = [
            (json!({"type": "string"}), "string", false),
            (json!({"type": ["string", "null"]}), "string | null", false),
            (
                json!({"type": ["string", "null"], "format": "date-time"}),
                "date-time",
                false,
            ),
            (json!({"$ref": "#/components/schemas/Phone"}), "Phone", true),
            (
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Phone"}}),
                "[Phone]",
                true,
            ),
            (
                json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Phone"}]}),
                "Phone",
                true,
            ),
        ];
        for (schema, text, is_named) in cases {
            let kind = Kind::of(&schema);
            assert_eq!(
                (kind.text.as_str(), kind.is_named),
                (text, is_named),
                "{schema}"
            );
            let is_linked = kind.to_string().contains("<a href=\"#type-Phone\">");
            assert_eq!(is_linked, is_named, "{kind}");
        }
        let state = Kind::of(&json!({"type": "string", "enum": ["active", "gone"]}));
        assert_eq!(state.words, ["active", "gone"]);
    }
}
