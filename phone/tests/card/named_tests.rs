//! The tests that a document names as `file::test`, or `file::*` for all of a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The tests of real programs, as a folder of the project.
pub const PROGRAMS: &str = "tests/tests";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A document of the project.
pub fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// What a document names, file and test.
fn named(document: &str) -> BTreeSet<(String, String)> {
    let is_name = |text: &str| {
        let is_of_names =
            |byte: u8| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !text.is_empty() && text.bytes().all(is_of_names)
    };
    document
        .split('`')
        .filter_map(|part| part.split_once("::"))
        .filter(|(file, test)| is_name(file) && (is_name(test) || *test == "*"))
        .filter(|(file, _)| *file != "file")
        .map(|(file, test)| (file.to_owned(), test.to_owned()))
        .collect()
}

/// The tests in a file's text.
fn tests_in(text: &str) -> BTreeSet<String> {
    text.split("#[test]\n")
        .skip(1)
        .filter_map(|code| code.split_once("fn ")?.1.split_once('('))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The tests that a document names and that are not there. A file is looked for in these folders of the project one after the
/// other; the first that has it must have the test.
pub fn missing(document: &str, folders: &[&str]) -> Vec<String> {
    let tests_of = |file: &str| {
        let text = folders.iter().find_map(|folder| {
            fs::read_to_string(root().join(folder).join(format!("{file}.rs"))).ok()
        });
        tests_in(&text.unwrap_or_default())
    };
    named(document)
        .into_iter()
        .filter(|(file, test)| {
            let tests = tests_of(file);
            !(tests.contains(test) || test == "*" && !tests.is_empty())
        })
        .map(|(file, test)| format!("{file}::{test}"))
        .collect()
}

/// The tests of a folder that a document does not name. Those of documents are not looked for.
pub fn left_out(document: &str, folder: &str) -> Vec<String> {
    let named = named(document);
    let mut left_out = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() || file == "conformance" {
            continue;
        }
        for test in tests_in(&fs::read_to_string(&path).unwrap()) {
            let is_named = |test: &str| named.contains(&(file.clone(), test.to_owned()));
            if !is_named(&test) && !is_named("*") {
                left_out.push(format!("{file}::{test}"));
            }
        }
    }
    left_out
}
