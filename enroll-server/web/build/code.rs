//! The Rust of the catalogue.

use std::fmt::Write as _;

use crate::catalogue::{Catalogue, Kind, Message, Variable};

/// The message that names a language's conventions for dates and numbers: the program reads it, no page shows it.
const CONVENTIONS: &str = "conventions";

/// The languages with their chapters, and a method for each message.
pub fn written(languages: &[Catalogue]) -> String {
    let mut code = String::new();
    let mut all = String::new();
    for language in languages {
        let tag = &language.tag;
        let name = tag.to_uppercase().replace('-', "_");
        let _ = writeln!(all, "    ({tag:?}, &{name}),");
        let _ = writeln!(
            code,
            "/// The language {tag}.\npub(super) static {name}: LazyLock<Language> = LazyLock::new(|| Language::new({tag:?}, &[",
        );
        for file in &language.files {
            let _ = writeln!(code, "    include_str!({:?}),", file.display().to_string());
        }
        code.push_str("]));\n\n");
    }
    let _ = writeln!(
        code,
        "/// Every language with its tag.\npub(super) static ALL: &[(&str, &LazyLock<Language>)] = &[\n{all}];\n",
    );
    code.push_str("impl Words {\n");
    let messages = languages
        .iter()
        .take(1)
        .flat_map(|language| &language.messages);
    for (id, message) in messages.filter(|(id, _)| *id != CONVENTIONS) {
        method(&mut code, id, message);
    }
    code.push_str("}\n");
    code
}

fn method(code: &mut String, id: &str, message: &Message) {
    for line in message.source.lines() {
        let _ = writeln!(code, "    /// `{line}`");
    }
    let has = |kind: Kind| {
        message
            .variables
            .iter()
            .any(|variable| variable.kind == kind)
    };
    let (answer, call) = if has(Kind::Element) {
        ("Markup", "say_with_elements")
    } else {
        ("Text", "say")
    };
    let parameters: String = message.variables.iter().map(parameter).collect();
    let arguments: Vec<String> = message.variables.iter().map(argument).collect();
    let _ = writeln!(
        code,
        "    #[must_use]\n    pub(crate) fn {}(self{parameters}) -> {answer} {{\n        self.{call}({id:?}, &[{}])\n    }}\n",
        id.replace('-', "_"),
        arguments.join(", "),
    );
}

fn parameter(variable: &Variable) -> String {
    let kind = match variable.kind {
        Kind::Text => "impl AsRef<str>",
        Kind::Number => "impl Into<Number>",
        Kind::Element => "impl HtmlSafe",
    };
    format!(", {}: {kind}", variable.name.replace('-', "_"))
}

fn argument(variable: &Variable) -> String {
    let name = variable.name.replace('-', "_");
    let value = match variable.kind {
        Kind::Text => format!("Argument::Text({name}.as_ref())"),
        Kind::Number => format!("Argument::Number({name}.into())"),
        Kind::Element => format!("Argument::Element({name}.to_string())"),
    };
    format!("({:?}, {value})", variable.name)
}
