//! docs/piv-conformance.md: every test that it names is there, and nothing that the code knows is missing in it.

use std::fs;
use std::path::{Path, PathBuf};

use card_edge::Status;
use card_edge::piv::{Algorithm, AsymmetricKey, KeyReference, ObjectId};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> String {
    fs::read_to_string(root().join("docs/piv-conformance.md")).unwrap()
}

/// What the document names as `file::test`.
fn named_tests(document: &str) -> Vec<(String, String)> {
    document
        .split('`')
        .filter_map(|part| part.split_once("::"))
        .filter(|(file, test)| {
            let is_name = |text: &str| {
                !text.is_empty()
                    && text.bytes().all(|byte| {
                        byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit()
                    })
            };
            is_name(file) && is_name(test) && (*file, *test) != ("file", "test")
        })
        .map(|(file, test)| (file.to_owned(), test.to_owned()))
        .collect()
}

#[test]
fn every_test_that_is_named_is_there() {
    let named = named_tests(&document());
    assert!(named.len() > 60, "{}", named.len());
    for (file, test) in named {
        let text: String = ["phone/tests/card", "tests/tests"]
            .into_iter()
            .filter_map(|folder| {
                fs::read_to_string(root().join(folder).join(format!("{file}.rs"))).ok()
            })
            .collect();
        let found = text
            .split("#[test]")
            .skip(1)
            .any(|code| code.trim_start().starts_with(&format!("fn {test}(")));
        assert!(found, "{file}::{test}");
    }
}

/// The rows of a chapter, each by its first cells.
fn rows(document: &str, chapter: &str) -> Vec<Vec<String>> {
    let (_, rest) = document.split_once(&format!("## {chapter}")).unwrap();
    rest.lines()
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn every_row_that_is_here_names_its_test() {
    let document = document();
    for chapter in ["Commands", "Key references", "Algorithms", "Status words"] {
        for row in rows(&document, chapter).iter().skip(2) {
            let (here, tests) = (&row[2], &row[3]);
            let is_named =
                tests.contains("::") || ["the same", "everywhere"].contains(&tests.as_str());
            let is_not_here = here == "no" || here.starts_with("no:");
            assert!(is_named || is_not_here, "{row:?}");
        }
    }
}

#[test]
fn every_object_key_algorithm_and_status_word_has_its_row() {
    let document = document();
    let objects = rows(&document, "Data objects");
    for object in ObjectId::all() {
        let tag = match object {
            ObjectId::Certificate(AsymmetricKey::RetiredKeyManagement(_)) => {
                "5FC10D to 5FC120".to_owned()
            }
            other => other.tag().to_string(),
        };
        let rule = format!("{:?}", object.read_rule());
        let is_there = objects
            .iter()
            .any(|row| row[2] == tag && row[3].eq_ignore_ascii_case(&rule));
        assert!(is_there, "{object:?} {tag} {rule}");
    }
    let references = rows(&document, "Key references");
    for byte in 0..=u8::MAX {
        let Ok(reference) = KeyReference::try_from(byte) else {
            continue;
        };
        let begin = match reference {
            KeyReference::Asymmetric(AsymmetricKey::RetiredKeyManagement(_)) => {
                "82 to 95 ".to_owned()
            }
            _ => format!("{byte:02X} "),
        };
        assert!(
            references.iter().any(|row| row[1].starts_with(&begin)),
            "{begin}"
        );
    }
    let algorithms = rows(&document, "Algorithms");
    for byte in (0..=u8::MAX).filter(|byte| Algorithm::try_from(*byte).is_ok()) {
        let word = format!("{byte:02X}");
        let is_there = algorithms.iter().any(|row| {
            row[1]
                .split([' ', ','])
                .take(3)
                .any(|identifier| identifier == word)
        });
        assert!(is_there, "{word}");
    }
    let words = rows(&document, "Status words");
    for value in 0..=u16::MAX {
        let word = match Status::from(value) {
            Status::Other(_) => continue,
            Status::BytesAvailable(_) => "61xx".to_owned(),
            Status::TriesLeft(_) => "63Cx".to_owned(),
            Status::WrongExpectedLength(_) => "6Cxx".to_owned(),
            _ => format!("{value:04X}"),
        };
        let is_there = words
            .iter()
            .any(|row| row[1].split(", ").any(|known| known == word));
        assert!(is_there, "{word}");
    }
}
