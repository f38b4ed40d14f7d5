//! A language of the catalogue: its messages, and the rules that they follow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{
    Comment, Entry, Expression, InlineExpression, Pattern, PatternElement, Resource,
};

use crate::folder::sorted;

/// What a variable of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, such as a name.
    Text,
    /// A whole number: it is written with the language's separators and chooses plural forms.
    Number,
    /// An element of the page, such as a link or a time.
    Element,
}

/// A variable of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, without the dollar sign.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its variables, in the order in which its comment declares them.
    pub variables: Vec<Variable>,
    /// The terms in its text.
    terms: Vec<String>,
    /// Its text as it stands in the catalogue.
    pub source: String,
}

/// A language.
#[derive(Debug)]
pub struct Catalogue {
    /// Its tag (BCP 47), which is the name of its folder.
    pub tag: String,
    /// Its chapters.
    pub files: Vec<PathBuf>,
    /// Its messages by id.
    pub messages: BTreeMap<String, Message>,
    /// Texts that messages have in common, such as the product's name.
    terms: BTreeSet<String>,
}

impl Catalogue {
    /// Reads all chapters in a folder.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let tag = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut catalogue = Self {
            tag: tag.into_owned(),
            files: sorted(folder)?,
            messages: BTreeMap::new(),
            terms: BTreeSet::new(),
        };
        for file in catalogue.files.clone() {
            println!("cargo::rerun-if-changed={}", file.display());
            let in_file = |mistake: String| format!("{}: {mistake}", file.display());
            let text =
                std::fs::read_to_string(&file).map_err(|error| in_file(error.to_string()))?;
            catalogue.add(&text).map_err(in_file)?;
        }
        for (id, message) in &catalogue.messages {
            // Fluent keeps both under one name at work, and the message is lost.
            if catalogue.terms.contains(id) {
                return Err(format!("{id}: there is a term of that name"));
            }
            if let Some(term) = message
                .terms
                .iter()
                .find(|term| !catalogue.terms.contains(*term))
            {
                return Err(format!("{id}: there is no term {term}"));
            }
        }
        Ok(catalogue)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let resource: Resource<&str> = fluent_syntax::parser::parse(text)
            .map_err(|(_, errors)| format!("cannot be read: {errors:?}"))?;
        for entry in &resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Term(term) => {
                    self.terms.insert(term.id.name.to_owned());
                    continue;
                }
                _ => continue,
            };
            let id = message.id.name;
            let wrong = |mistake: &str| format!("{id}: {mistake}");
            let pattern = message.value.as_ref().ok_or_else(|| wrong("has no text"))?;
            if !message.attributes.is_empty() {
                return Err(wrong("has attributes; make them messages"));
            }
            let mut parts = Parts::default();
            parts.collect(pattern).map_err(|mistake| wrong(&mistake))?;
            let variables =
                declared(message.comment.as_ref()).map_err(|mistake| wrong(&mistake))?;
            let names: BTreeSet<&str> = variables.iter().map(|one| one.name.as_str()).collect();
            if names != parts.variables {
                return Err(wrong(&format!(
                    "its comment declares {names:?}, its text has {:?}",
                    parts.variables
                )));
            }
            let message = Message {
                variables,
                terms: parts.terms.iter().map(|term| (*term).to_owned()).collect(),
                source: source(text, id),
            };
            if self.messages.insert(id.to_owned(), message).is_some() {
                return Err(wrong("is there twice"));
            }
        }
        Ok(())
    }

    /// Checks that this language has the messages of another one, with the same variables.
    pub fn check_against(&self, other: &Self) -> Result<(), String> {
        let ids = |catalogue: &Self| catalogue.messages.keys().cloned().collect::<BTreeSet<_>>();
        let differing: Vec<String> = ids(self)
            .symmetric_difference(&ids(other))
            .cloned()
            .collect();
        if !differing.is_empty() {
            return Err(format!(
                "{} and {} do not both have {differing:?}",
                self.tag, other.tag
            ));
        }
        for (id, message) in &self.messages {
            if other.messages.get(id).map(|one| &one.variables) != Some(&message.variables) {
                return Err(format!(
                    "{id}: {} and {} declare other variables",
                    self.tag, other.tag
                ));
            }
        }
        Ok(())
    }
}

/// What a message's text refers to.
#[derive(Default)]
struct Parts<'a> {
    variables: BTreeSet<&'a str>,
    terms: BTreeSet<&'a str>,
}

impl<'a> Parts<'a> {
    fn collect(&mut self, pattern: &Pattern<&'a str>) -> Result<(), String> {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } if value.contains(['<', '>', '&']) => {
                    return Err("has markup in it; pass an element as a variable".to_owned());
                }
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.expression(expression)?,
            }
        }
        Ok(())
    }

    fn expression(&mut self, expression: &Expression<&'a str>) -> Result<(), String> {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector)?;
                variants
                    .iter()
                    .try_for_each(|variant| self.collect(&variant.value))
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&'a str>) -> Result<(), String> {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
                Ok(())
            }
            InlineExpression::TermReference { id, .. } => {
                self.terms.insert(id.name);
                Ok(())
            }
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {
                Ok(())
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::MessageReference { .. }
            | InlineExpression::FunctionReference { .. } => Err(
                "may use variables and terms, but no other messages and no functions".to_owned(),
            ),
        }
    }
}

/// The variables that a message's comment declares: `# $name, $count (number), $link (element)`.
fn declared(comment: Option<&Comment<&str>>) -> Result<Vec<Variable>, String> {
    let lines = comment
        .map(|comment| comment.content.as_slice())
        .unwrap_or_default();
    let declarations = lines.iter().filter(|line| line.starts_with('$'));
    declarations
        .flat_map(|line| line.split(','))
        .map(|declaration| {
            let (name, kind) = declaration
                .trim()
                .split_once(' ')
                .unwrap_or((declaration.trim(), "(text)"));
            let kind = match kind {
                "(text)" => Kind::Text,
                "(number)" => Kind::Number,
                "(element)" => Kind::Element,
                other => return Err(format!("{name} cannot be a {other:?}")),
            };
            let name = name
                .strip_prefix('$')
                .ok_or_else(|| format!("{name} is not a variable"))?;
            Ok(Variable {
                name: name.to_owned(),
                kind,
            })
        })
        .collect()
}

/// The lines of a message in its chapter.
fn source(text: &str, id: &str) -> String {
    let begin = format!("{id} =");
    text.lines()
        .skip_while(|line| !line.starts_with(&begin))
        .enumerate()
        .take_while(|(number, line)| *number == 0 || line.starts_with([' ', '}']))
        .map(|(_, line)| line)
        .collect::<Vec<_>>()
        .join("\n")
}
