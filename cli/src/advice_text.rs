//! A finding of the doctor's in the few lines that other commands have for it.

use plain_text::Plain;

use crate::doctor::advice::advise;
use crate::doctor::finding::Finding;

/// One line after `indent` spaces. What comes from a card or reader may hold anything, so it is shown plain.
#[must_use]
pub fn line(indent: usize, words: &str) -> String {
    format!("{:indent$}{}\n", "", Plain(words))
}

/// What is wrong and what to do, a line each.
#[must_use]
pub fn advice(finding: &Finding, indent: usize) -> String {
    let advice = advise(finding);
    let mut text = line(indent, &advice.headline);
    for step in &advice.next {
        text.push_str(&line(indent, &format!("-> {step}")));
    }
    text
}
