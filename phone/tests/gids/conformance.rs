//! docs/gids-conformance.md: every test that it names is there, every test of this folder is named, and no instruction, file
//! or mechanism that the code knows is missing in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use card_edge::gids::Mechanism;
use card_edge::gids::file_system::layout;
use card_edge::gids::instruction;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> String {
    fs::read_to_string(root().join("docs/gids-conformance.md")).unwrap()
}

/// What the document names as `file::test`.
fn named_tests(document: &str) -> BTreeSet<(String, String)> {
    document
        .split('`')
        .filter_map(|part| part.split_once("::"))
        .filter(|named| *named != ("file", "test"))
        .map(|(file, test)| (file.to_owned(), test.to_owned()))
        .collect()
}

/// The tests of a file.
fn tests_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split("#[test]\nfn ")
        .skip(1)
        .filter_map(|code| code.split_once('('))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn every_test_that_is_named_is_there_and_none_is_left_out() {
    let named = named_tests(&document());
    let folders = [root().join("phone/tests/gids"), root().join("tests/tests")];
    for (file, test) in &named {
        let name = format!("{file}.rs");
        let is_there = folders
            .iter()
            .any(|folder| tests_of(&folder.join(&name)).contains(test));
        assert!(is_there, "{file}::{test}");
    }
    for entry in fs::read_dir(&folders[0]).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for test in tests_of(&path)
            .into_iter()
            .filter(|_| file != "conformance")
        {
            let one = (file.clone(), test);
            assert!(named.contains(&one), "{one:?} is not in the document");
        }
    }
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
