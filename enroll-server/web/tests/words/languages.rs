//! The catalogue in every language. That each language has every message, with the same variables, is checked by the
//! build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Messages that may be the same in two languages: names, abbreviations, and what is put together of values alone.
const SAME_IN_GERMAN: &[&str] = &[
    "-product",
    "account-name-title",
    "audit-chip-person",
    "audit-colleague",
    "audit-person",
    "certificate-chain-this",
    "certificate-name-kind",
    "certificate-pem",
    "certificate-title",
    "colleague-session-count",
    "detail-ocsp",
    "factor-code",
    "figure",
    "holder-status",
    "label-name",
    "list",
    "menu-webhooks",
    "need-wrong",
    "outcome-refused",
    "outcome-taken",
    "passkey-name",
    "passkeys-title",
    "policy-standard",
    "product-name",
    "time-utc",
    "time-with-distance",
    "webhook-facts",
    "webhooks-title",
];

/// The messages of a language by id.
fn messages(tag: &str) -> BTreeMap<String, String> {
    let folder = Path::new(super::WEB).join("words").join(tag);
    let mut messages = BTreeMap::new();
    for chapter in super::files(&folder, "ftl") {
        let mut current: Option<String> = None;
        for line in super::read(&chapter).lines() {
            if line.starts_with([' ', '}']) {
                if let Some(text) = current.as_ref().and_then(|id| messages.get_mut(id)) {
                    *text = format!("{text}\n{line}");
                }
            } else if let Some((id, text)) =
                line.split_once(" =").filter(|_| !line.starts_with('#'))
            {
                messages.insert(id.to_owned(), text.trim().to_owned());
                current = Some(id.to_owned());
            }
        }
    }
    assert!(messages.len() > 900, "{tag}: {}", messages.len());
    messages
}

fn chapters(tag: &str) -> BTreeSet<PathBuf> {
    let folder = Path::new(super::WEB).join("words").join(tag);
    let files = super::files(&folder, "ftl").into_iter();
    files
        .map(|file| file.strip_prefix(&folder).unwrap().to_owned())
        .collect()
}

#[test]
fn german_has_its_own_words_for_everything() {
    let (english, german) = (messages("en"), messages("de"));
    let same: Vec<&str> = english
        .iter()
        .filter(|(id, text)| german.get(*id) == Some(*text))
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(same, SAME_IN_GERMAN);
}

#[test]
fn every_language_has_the_same_chapters() {
    assert_eq!(chapters("de"), chapters("en"));
}

/// What German does not say: its quotation marks are „ “, no apostrophe stands in its words, nobody is addressed
/// with du, and one term is used for one thing.
#[test]
fn german_is_written_as_german_is() {
    for (id, text) in messages("de") {
        let words: Vec<&str> = text.split(|one: char| !one.is_alphanumeric()).collect();
        for wrong in [
            "du",
            "dein",
            "deine",
            "dir",
            "dich",
            "Inhaber",
            "Handy",
            "Telefon",
            "Sperrliste",
            "Email",
        ] {
            assert!(!words.contains(&wrong), "{id}: {wrong}");
        }
        let plain = text.replace("\"", "");
        assert_eq!(text, plain, "{id}");
        assert!(!text.contains(['’', '”', '\'']), "{id}: {text}");
        assert_eq!(text.matches('„').count(), text.matches('“').count(), "{id}");
    }
}
