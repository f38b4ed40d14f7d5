//! Words in Rust: literals that read like a sentence or a label.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ExprCall, ExprMethodCall, ItemMod, LitStr, Macro};

/// Macros whose texts go to the log.
const LOG: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
/// Errors of the operator's, who reads them in the terminal or the log.
const FOR_THE_OPERATOR: [&str; 1] = ["Mismatch"];
/// What protocols want in words, and names of algorithms.
const PROTOCOL: [&str; 5] = [
    "Bearer",
    "attachment; filename=",
    "max-age=",
    "PKCS #1",
    "tapcard:{serial}",
];
/// Names that only the database sees: of rate limits, and of what a key was certified for.
const NAMES: [&str; 5] = [
    "invitation {}",
    "unknown invitation",
    "phone {} {slot}",
    "renewal {}",
    "unknown phone",
];

/// The literals of a file that are not from the catalogue.
pub fn words(source: &str) -> Vec<String> {
    let mut finder = Finder::default();
    finder.visit_file(&syn::parse_file(source).unwrap());
    finder.found
}

/// The texts of errors in a file that begin or end like a sentence for people.
pub fn sentences_of_errors(source: &str) -> Vec<String> {
    let mut finder = ErrorTexts::default();
    finder.visit_file(&syn::parse_file(source).unwrap());
    finder.found.retain(|text| is_sentence_for_people(text));
    finder.found
}

#[derive(Default)]
struct ErrorTexts {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for ErrorTexts {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Ok(list) = attribute.meta.require_list() else {
            return;
        };
        if attribute.path().is_ident("error")
            && let Some(TokenTree::Literal(text)) = list.tokens.clone().into_iter().next()
        {
            let text: LitStr = syn::parse_str(&text.to_string()).unwrap();
            self.found.push(text.value());
        }
    }
}

/// A capital letter that no other follows, unless it begins a name in capitals; or a full stop at the end of a sentence.
fn is_sentence_for_people(text: &str) -> bool {
    let mut characters = text.chars();
    let begins = characters.next().is_some_and(char::is_uppercase)
        && !characters.next().is_some_and(char::is_uppercase);
    begins || text.ends_with('.') || text.contains(". ")
}

#[derive(Default)]
struct Finder {
    found: Vec<String>,
}

impl Finder {
    fn look_at(&mut self, text: &str) {
        let is_known = PROTOCOL.iter().any(|known| text.contains(known)) || NAMES.contains(&text);
        if reads_like_words(text) && !is_known {
            self.found.push(text.to_owned());
        }
    }

    fn look_into(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.look_into(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.look_at(&text.value());
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    // Comments, and the texts of errors: those are for the log and for operators; see `sentences_of_errors`.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let is_test = module
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("cfg"));
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let syn::Expr::Path(function) = &*call.func else {
            return visit::visit_expr_call(self, call);
        };
        let name = function.path.segments.last().unwrap().ident.to_string();
        if !FOR_THE_OPERATOR.contains(&name.as_str()) {
            visit::visit_expr_call(self, call);
        }
    }

    // Names of types in debug output.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method != "debug_struct" {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().unwrap().ident.to_string();
        if !LOG.contains(&name.as_str()) && name != "format_description" {
            self.look_into(call.tokens.clone());
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast LitStr) {
        self.look_at(&literal.value());
    }
}

/// Two words in a row, or a word that begins with a capital letter. Tags and what stands in braces do not count.
fn reads_like_words(text: &str) -> bool {
    let mut plain = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '<' | '{' => depth += 1,
            '>' | '}' => {
                depth -= 1;
                // In place of a value, which may be a name.
                plain.push_str(if character == '}' { " x " } else { " | " });
            }
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let is_word = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ':', '?', '!']);
        word.len() >= 2
            && word
                .chars()
                .all(|character| character.is_alphabetic() || character == '’' || character == '\'')
    };
    let is_sentence = words
        .windows(2)
        .any(|pair| is_word(pair[0]) && is_word(pair[1]))
        || words
            .windows(2)
            .any(|pair| pair[0] == "x" && is_word(pair[1]) || is_word(pair[0]) && pair[1] == "x");
    let is_label = words.iter().any(|word| {
        is_word(word)
            && word.chars().next().unwrap().is_uppercase()
            && word.chars().skip(1).all(char::is_lowercase)
    });
    is_sentence || is_label
}
