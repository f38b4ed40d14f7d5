//! No template, script, style sheet or handler has a word for people in it: all of them are in `web/words`.
//!
//! The rest is held by the compiler, since each message is a method: what is asked for exists with those variables,
//! and what exists is used.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod source;
mod template;

use std::path::{Path, PathBuf};

const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web");
/// Folders of sources whose texts could reach people other than the operator: the services, and all of this crate but
/// the words themselves. Who starts the server reads what is beside them: its arguments, and why it does not start.
fn sources() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(here.join("src")).unwrap();
    let own = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.ends_with("words"));
    own.chain([here.join("../service/src")]).collect()
}

/// All files beneath a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Fails with every text that a check found, each with its file.
fn none_left(folder: &Path, ending: &str, check: impl Fn(&str) -> Vec<String>) {
    let paths = files(folder, ending);
    assert!(!paths.is_empty(), "{}", folder.display());
    let found: Vec<String> = paths
        .iter()
        .flat_map(|path| {
            let texts = check(&read(path));
            texts
                .into_iter()
                .map(|text| format!("{}: {text:?}", path.display()))
        })
        .collect();
    assert!(
        found.is_empty(),
        "not in the catalogue of words:\n{}",
        found.join("\n")
    );
}

#[test]
fn templates_have_no_words_of_their_own() {
    let templates = Path::new(WEB).join("templates");
    let macros = template::Macros::of(&read(&templates.join("components.html")));
    none_left(&templates, "html", |text| template::words(text, &macros));
}

#[test]
fn a_word_in_a_template_is_found_wherever_it_stands() {
    let macros = template::Macros::of(
        r#"{% macro hint(id, text) %}<p id="{{ id }}">{{ text }}</p>{% endmacro %}"#,
    );
    for (template, word) in [
        ("<p>Phones of {{ name }}</p>", "Phones of"),
        ("{% block title %}Phones{% endblock %}", "Phones"),
        (r#"<nav aria-label="Pages"></nav>"#, "Pages"),
        (r#"<td data-label="When">{{ at }}</td>"#, "When"),
        (r#"<input type="submit" value="Send">"#, "Send"),
        (
            r#"{{ ui::hint("name", "as others know you") }}"#,
            "as others know you",
        ),
        (
            r#"{% call ui::hint("name", "as others know you") %}{% endcall %}"#,
            "as others know you",
        ),
        (
            r#"<p>{{ if open { "still open" } else { "closed" } }}</p>"#,
            "still open",
        ),
    ] {
        assert!(
            template::words(template, &macros)
                .iter()
                .any(|found| found == word),
            "{template}"
        );
    }
    for template in [
        r#"<a class="button{% if wide %} wide{% endif %}" href="/phones">{{ words.phones() }} · {{ name }}</a>"#,
        r#"{{ ui::hint("name", words.name_hint()) }}"#,
        r#"{% include "phones/table.html" %}{# A remark. #}"#,
    ] {
        assert_eq!(
            template::words(template, &macros),
            Vec::<String>::new(),
            "{template}"
        );
    }
}

#[test]
fn the_style_sheet_and_the_script_have_no_words_of_their_own() {
    none_left(
        &Path::new(WEB).join("assets"),
        "css",
        template::words_of_style,
    );
    none_left(
        &Path::new(WEB).join("assets"),
        "js",
        template::words_of_script,
    );
}

#[test]
fn handlers_and_services_have_no_words_of_their_own() {
    for folder in sources() {
        none_left(&folder, "rs", source::words);
    }
}

#[test]
fn a_sentence_in_a_handler_is_found_wherever_it_stands() {
    for code in [
        r#"fn a() -> String { "Nothing was changed.".to_owned() }"#,
        r#"fn a() -> String { format!("{name} was enrolled") }"#,
        r#"const LABEL: &str = "Holder";"#,
        r#"fn a() { tag(vec!["Expires soon"]); }"#,
    ] {
        assert_eq!(source::words(code).len(), 1, "{code}");
    }
    for code in [
        r#"fn a() { tracing::error!(%error, "a page could not be made"); }"#,
        r##"#[error("the database failed: {0}")] struct A;"##,
        r#"/// What a page shows.
           const HEADER: &str = "text/html; charset=utf-8";"#,
        r#"#[cfg(test)] mod tests { const A: &str = "Alice Example"; }"#,
    ] {
        assert_eq!(source::words(code), Vec::<String>::new(), "{code}");
    }
}
