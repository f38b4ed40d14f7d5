//! docs/gids-conformance.md: every test that it names is there, every test of this folder is named, and no instruction, file
//! or mechanism that the code knows is missing in it.

use card_edge::gids::Mechanism;
use card_edge::gids::file_system::layout;
use card_edge::gids::instruction;

use crate::named_tests::{self, PROGRAMS};

/// This folder, as one of the project.
const FOLDER: &str = "phone/tests/gids";

fn document() -> String {
    named_tests::document("gids-conformance.md")
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
fn every_row_names_its_test() {
    let document = document();
    let rows = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.ends_with("| tests |"));
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit('|').next();
        assert!(tests.is_some_and(|tests| tests.contains("::")), "{row}");
    }
}

#[test]
fn every_instruction_file_and_mechanism_has_its_row() {
    let document = document();
    let has_row = |begin: &str| {
        let rows = document.lines().filter(|line| line.starts_with('|'));
        rows.filter_map(|line| line.split('|').nth(1))
            .any(|cell| cell.split([' ', ',']).any(|word| word == begin))
    };
    for known in [
        instruction::MANAGE_SECURITY_ENVIRONMENT,
        instruction::PERFORM_SECURITY_OPERATION,
        instruction::ACTIVATE_FILE,
        instruction::CREATE_FILE,
        instruction::DELETE_FILE,
    ] {
        let byte = format!("{:02X}", known.to_u8());
        assert!(has_row(&byte), "{byte}");
    }
    for (file, _) in layout::data_files() {
        assert!(has_row(&file.to_string()), "{file}");
    }
    for byte in (0..=u8::MAX).filter(|byte| Mechanism::decode(*byte).is_some()) {
        assert!(has_row(&format!("{byte:02X}")), "{byte:02X}");
    }
}
