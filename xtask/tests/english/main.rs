//! The English of comments, messages, pages and documents: no phrase of `phrases.txt` is in them.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a file that cannot be read fails the test"
)]

mod text;

use std::path::Path;

use text::Text;

/// Kinds of files that people read.
const READ: [&str; 11] = [
    "rs", "md", "html", "ftl", "sql", "toml", "css", "js", "yml", "sh", "txt",
];

/// Files that are not ours to word, and the list itself.
const NOT_READ: [&str; 3] = ["LICENSE", "xtask/tests/english/", "fuzz/corpus/"];

/// Folders of what is built or installed.
const NOT_ENTERED: [&str; 4] = ["target", "artifacts", "coverage", "node_modules"];

struct Phrase {
    phrase: String,
    instead: String,
    fine_in: Vec<String>,
}

fn phrases() -> Vec<Phrase> {
    include_str!("phrases.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let [phrase, instead, fine_in] = parts[..] else {
                panic!("not three parts: {line}");
            };
            Phrase {
                phrase: phrase.to_owned(),
                instead: instead.to_owned(),
                fine_in: fine_in
                    .split(';')
                    .map(|phrase| phrase.trim().to_owned())
                    .filter(|phrase| !phrase.is_empty())
                    .collect(),
            }
        })
        .collect()
}

/// What is wrong with a file's English: line, phrase, and what to write instead.
fn judge(text: &str, phrases: &[Phrase]) -> Vec<String> {
    let text = Text::new(text);
    let mut found = Vec::new();
    for one in phrases {
        for place in text.places(&one.phrase) {
            let end = place + one.phrase.len();
            let fine = one.fine_in.iter().any(|longer| {
                text.places(longer)
                    .any(|at| at <= place && end <= at + longer.len())
            });
            if !fine {
                let line = text.line(place);
                found.push(format!("{line}: \"{}\": write {}", one.phrase, one.instead));
            }
        }
    }
    found
}

/// Every file that people read, without what is built or installed.
fn files(folder: &Path, see: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !NOT_ENTERED.contains(&name.as_str()) && !name.starts_with('.') {
                files(&path, see);
            }
        } else if path
            .extension()
            .is_some_and(|extension| READ.iter().any(|one| *one == extension))
        {
            see(&path);
        }
    }
}

#[test]
fn no_phrase_of_the_list_is_in_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let phrases = phrases();
    let mut found = Vec::new();
    let mut read = 0;
    files(root, &mut |path| {
        let name = path.strip_prefix(root).unwrap().to_string_lossy();
        if NOT_READ.iter().any(|start| name.starts_with(start)) {
            return;
        }
        read += 1;
        let text = std::fs::read_to_string(path).unwrap();
        found.extend(
            judge(&text, &phrases)
                .iter()
                .map(|what| format!("{name}:{what}")),
        );
    });
    assert!(read > 100, "only {read} files were found");
    assert!(
        found.is_empty(),
        "{} phrases that read translated:\n{}\n",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn a_phrase_is_found_across_the_lines_of_a_comment_and_its_exceptions_are_not() {
    let phrases = phrases();
    let found = judge(
        "//! first\n\n/// This is\n/// no card. There is no\n/// other.",
        &phrases,
    );
    assert_eq!(found, ["3: \"is no\": write is not a ..."]);
    assert!(judge("it is no longer here; this_is no_way", &phrases).is_empty());
}
