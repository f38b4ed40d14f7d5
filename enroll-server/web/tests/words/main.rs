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

mod languages;
mod source;
mod template;

use std::path::{Path, PathBuf};

const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web");
/// Sources whose texts could reach people other than the operator.
const SOURCES: [&str; 2] = ["src", "../service/src"];
/// What who starts the server reads: its arguments, and why it does not start.
const FOR_THE_OPERATOR: [&str; 17] = [
    "service/src/backup/error.rs",
    "service/src/backup/restore.rs",
    "service/src/out_of_step.rs",
    "service/src/start_error.rs",
    "src/administrator.rs",
    "src/api_token.rs",
    "src/backup.rs",
    "src/config.rs",
    "src/help.rs",
    "src/host_name.rs",
    "src/command.rs",
    "src/mail_options.rs",
    "src/mail_test.rs",
    "src/public_url.rs",
    "src/secret.rs",
    "src/server.rs",
    "src/service_manager.rs",
];
/// Crates whose errors are for the log.
const ERRORS: [&str; 3] = ["../service/src", "../ca/src", "../store/src"];

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
    let mut paths = files(folder, ending);
    paths.retain(|path| !FOR_THE_OPERATOR.iter().any(|file| path.ends_with(file)));
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
        (r#"{% let state = "still open" %}{{ state }}"#, "still open"),
        (r#"{% set state = "Closed" -%}<p>{{ state }}</p>"#, "Closed"),
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
        r#"{% let error = errors.of("name") -%}{% let class = "wide" %}<p class="{{ class }}"></p>"#,
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
    for folder in SOURCES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        none_left(&folder, "rs", source::words);
    }
}

#[test]
fn errors_are_worded_for_the_log() {
    for folder in ERRORS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        none_left(&folder, "rs", source::sentences_of_errors);
    }
}

#[test]
fn an_error_that_is_worded_for_people_is_found() {
    let found = |text: &str| {
        let code = format!("enum E {{ #[error({text:?})] A, #[error(transparent)] B(C) }}");
        !source::sentences_of_errors(&code).is_empty()
    };
    for text in [
        "The key is gone",
        "the key is gone.",
        "A key is gone",
        "gone. Try again",
    ] {
        assert!(found(text), "{text}");
    }
    for text in [
        "the key is gone",
        "{0}: gone",
        "DER: {0}",
        "TAPCARD_CA_PASSPHRASE is gone",
        "gone; is it the right one?",
    ] {
        assert!(!found(text), "{text}");
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
