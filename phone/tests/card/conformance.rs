//! docs/piv-conformance.md: the tests that it names and those of this folder are the same, and nothing that the code knows is
//! missing in it.

use card_edge::Status;
use card_edge::piv::{Algorithm, AsymmetricKey, KeyReference, ObjectId};

use crate::named_tests::{self, PROGRAMS};

/// This folder, as one of the project.
const FOLDER: &str = "phone/tests/card";

fn document() -> String {
    named_tests::document("piv-conformance.md")
}

#[test]
fn every_test_that_is_named_is_there_and_none_is_left_out() {
    let document = document();
    let nothing: [String; 0] = [];
    assert_eq!(
        named_tests::missing(&document, &[FOLDER, PROGRAMS]),
        nothing
    );
    assert_eq!(named_tests::left_out(&document, FOLDER), nothing);
}

#[test]
fn what_the_guides_name_is_there() {
    for (guide, folders) in [
        ("card-tests.md", [FOLDER, PROGRAMS].as_slice()),
        ("windows.md", &[FOLDER, "phone/tests/gids"]),
    ] {
        let missing = named_tests::missing(&named_tests::document(guide), folders);
        assert!(missing.is_empty(), "{guide}: {missing:?}");
    }
}

#[test]
fn a_test_is_looked_for_in_the_first_folder_that_has_its_file() {
    let named = "`select::nothing_answers_before_the_application_is_selected`, `select::*`, `file::test`, \
        `torn_links::a_signature_in_one_command_is_cut`, `nowhere::*`, `Store::open`";
    let gids = "phone/tests/gids";
    assert_eq!(named_tests::missing(named, &[FOLDER, gids]), ["nowhere::*"]);
    assert_eq!(
        named_tests::missing(named, &[gids, FOLDER]),
        [
            "nowhere::*",
            "select::nothing_answers_before_the_application_is_selected",
            "torn_links::a_signature_in_one_command_is_cut",
        ]
    );
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
fn every_row_names_its_test() {
    let document = document();
    let chapters = [
        "Commands",
        "Data objects",
        "Key references",
        "Algorithms",
        "Status words",
        "Beyond the standard",
    ];
    assert_eq!(document.matches("\n## ").count(), chapters.len());
    for chapter in chapters {
        let rows = rows(&document, chapter);
        assert!(rows.len() > 2, "{chapter}");
        for row in rows.iter().skip(2) {
            let tests = &row[row.len() - 2];
            let is_named =
                tests.contains("::") || ["the same", "everywhere"].contains(&tests.as_str());
            assert!(is_named, "{row:?}");
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
