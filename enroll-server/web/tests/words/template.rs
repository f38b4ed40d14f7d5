//! Words in templates: text, attributes that people see or hear, and what expressions and macros put there.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer};

/// Attributes that people see or hear.
const ATTRIBUTES: [&str; 10] = [
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "aria-valuetext",
    "data-copied",
    "data-failed",
    "data-label",
    "placeholder",
    "title",
];

/// Stands around the number of an expression, in place of the expression.
const MARK: char = '\u{E000}';

/// Which parameters of each macro people see or hear.
pub struct Macros(BTreeMap<String, Vec<bool>>);

impl Macros {
    /// The macros of a file.
    pub fn of(components: &str) -> Self {
        let mut macros = BTreeMap::new();
        for definition in components.split("{% macro ").skip(1) {
            let (head, body) = definition.split_once("%}").unwrap();
            let (name, parameters) = head.split_once('(').unwrap();
            let (parameters, _) = parameters.split_once(')').unwrap();
            let shown = Shown::of(body.split("{%- endmacro").next().unwrap());
            let parameters = parameters.split(',').map(|parameter| {
                shown
                    .expressions
                    .iter()
                    .any(|expression| expression == parameter.trim())
            });
            macros.insert(name.to_owned(), parameters.collect());
        }
        Self(macros)
    }
}

/// What people see or hear of a template.
#[derive(Default)]
struct Shown {
    texts: Vec<String>,
    expressions: Vec<String>,
}

impl Shown {
    fn of(template: &str) -> Self {
        let (html, expressions) = masked(template);
        let mut shown = Self::default();
        let mut see = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).into_owned();
            for (index, part) in text.split(MARK).enumerate() {
                if index % 2 == 0 {
                    shown.texts.push(part.trim().to_owned());
                } else {
                    shown
                        .expressions
                        .push(expressions[part.parse::<usize>().unwrap()].clone());
                }
            }
        };
        for token in Tokenizer::new(&html) {
            match token.unwrap() {
                Token::String(text) => see(&text),
                Token::StartTag(tag) => {
                    let is_button = tag.attributes.iter().any(|(name, value)| {
                        name.as_slice() == b"type"
                            && matches!(value.as_slice(), b"submit" | b"button" | b"reset")
                    });
                    for (name, value) in &tag.attributes {
                        let name = String::from_utf8_lossy(name);
                        if ATTRIBUTES.contains(&name.as_ref()) || (is_button && name == "value") {
                            see(value);
                        }
                    }
                }
                _ => {}
            }
        }
        shown
    }
}

/// The template with each expression replaced by its number, without statements and remarks. A block of attributes
/// becomes an element that has them.
fn masked(template: &str) -> (String, Vec<String>) {
    let (mut html, mut expressions) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some(begin) = rest.find('{') {
        let (before, from) = rest.split_at(begin);
        html.push_str(before);
        let end = match from.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => {
                html.push('{');
                rest = &from[1..];
                continue;
            }
        };
        let (inside, after) = from[2..].split_once(end).expect("a tag that ends");
        rest = after;
        if end == "}}" {
            html.push_str(&format!("{MARK}{}{MARK}", expressions.len()));
            expressions.push(inside.trim().to_owned());
        } else if inside.trim() == "block attributes" && is_outside_of_tags(&html) {
            let (attributes, after) = rest.split_once("{% endblock %}").unwrap();
            html.push_str(&format!("<p{attributes}>"));
            rest = after;
        }
    }
    html.push_str(rest);
    (html, expressions)
}

fn is_outside_of_tags(html: &str) -> bool {
    html.rfind('<') <= html.rfind('>')
}

/// The texts of a template that are not from the catalogue.
pub fn words(template: &str, macros: &Macros) -> Vec<String> {
    let shown = Shown::of(template);
    let texts = shown.texts.iter().filter(|text| has_letter(text)).cloned();
    let plain = shown
        .expressions
        .iter()
        .filter(|expression| !expression.starts_with("ui::"));
    let in_expressions = plain.flat_map(|expression| literals(expression));
    texts
        .chain(in_expressions)
        .chain(variables(template, &shown.expressions))
        .chain(calls(template, macros))
        .collect()
}

/// The texts that a template gives to variables which it shows.
fn variables(template: &str, shown: &[String]) -> Vec<String> {
    let is_shown = |name: &str| {
        shown.iter().any(|expression| {
            expression
                .split(|character: char| !character.is_alphanumeric() && character != '_')
                .any(|word| word == name)
        })
    };
    let statements = template.split("{%").skip(1);
    statements
        .filter_map(|statement| {
            let (inside, _) = statement.split_once("%}")?;
            let inside = inside.trim_matches(['-', '~', '+', ' ']);
            let assignment = inside
                .strip_prefix("let ")
                .or(inside.strip_prefix("set "))?;
            let (name, value) = assignment.split_once('=')?;
            is_shown(name.trim()).then(|| literals(value))
        })
        .flatten()
        .collect()
}

/// The texts that a template gives to macros which show them.
fn calls(template: &str, macros: &Macros) -> Vec<String> {
    let mut found = Vec::new();
    for call in template.split("ui::").skip(1) {
        let (name, _) = call.split_once('(').unwrap();
        let shown = macros
            .0
            .get(name)
            .unwrap_or_else(|| panic!("no macro {name}"));
        for (argument, is_shown) in arguments(&call[name.len() + 1..]).iter().zip(shown) {
            if *is_shown {
                found.extend(literals(argument));
            }
        }
    }
    found
}

/// The arguments of a call, from behind its opening bracket.
fn arguments(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => break,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut().unwrap().push(character);
    }
    arguments
}

/// The quoted texts with letters in them.
fn literals(expression: &str) -> Vec<String> {
    let quoted = expression.split('"').skip(1).step_by(2);
    quoted
        .filter(|text| has_letter(text))
        .map(str::to_owned)
        .collect()
}

fn has_letter(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Texts that a style sheet puts onto pages.
pub fn words_of_style(style: &str) -> Vec<String> {
    let lines = style
        .lines()
        .filter(|line| line.trim_start().starts_with("content:"));
    lines.flat_map(literals).collect()
}

/// Texts that a script puts onto pages.
pub fn words_of_script(script: &str) -> Vec<String> {
    const SHOWN: [&str; 6] = [
        "textContent =",
        "innerText =",
        "innerHTML =",
        "title =",
        "alert(",
        "\"aria-label\",",
    ];
    let lines = script
        .lines()
        .filter(|line| SHOWN.iter().any(|shown| line.contains(shown)));
    lines
        .flat_map(|line| {
            let values = line.rsplit(['=', ',', '(']).next().unwrap_or_default();
            literals(values)
        })
        .collect()
}
