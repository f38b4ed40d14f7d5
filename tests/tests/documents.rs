//! Every command of ours that a document names is one that the program takes: with `--help` at its end it does nothing and
//! says so, and an option or subcommand that is not there is an error.

use std::fs;
use std::path::{Path, PathBuf};

use rig::folder::Folder;
use rig::{Result, unexpected};

/// What runs them: a program that is built, and how its commands begin in the documents.
const PROGRAMS: [(&str, &str); 4] = [
    ("tapcard", "tapcard "),
    ("tapcard-phone", "tapcard-phone "),
    ("enroll-server", "enroll-server "),
    ("xtask", "cargo xtask "),
];

/// Words that stand for others, and one of those.
const PLACEHOLDERS: [(&str, &str); 4] = [
    ("HOST:PORT", "127.0.0.1:1"),
    ("N", "1"),
    ("PROGRAM", "ssh"),
    ("SHELL", "bash"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> Result<Vec<PathBuf>> {
    let mut documents: Vec<PathBuf> = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ]
    .map(|name| root().join(name))
    .into();
    let entries =
        fs::read_dir(root().join("docs")).map_err(|error| unexpected(error.to_string()))?;
    for entry in entries {
        let path = entry.map_err(|error| unexpected(error.to_string()))?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    Ok(documents)
}

/// What is written as code: lines of blocks, with those that go on, and what stands between backticks.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    let mut prose = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced || line.starts_with("    ") {
            let mut whole = line.trim().trim_start_matches("$ ").to_owned();
            while let Some(begun) = whole.strip_suffix('\\') {
                whole = format!("{begun} {}", lines.next().unwrap_or_default().trim());
            }
            found.push(whole);
        } else {
            prose.push_str(line);
            prose.push(' ');
        }
    }
    found.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    found
}

/// Without what may be left out: what stands in brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|sign| {
            match sign {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

/// The arguments of each command of a program in a piece of code.
fn commands(code: &str, begins: &str) -> Vec<Vec<String>> {
    let code = without_brackets(code);
    code.split(" | ")
        .flat_map(|part| part.split("&&"))
        .flat_map(|part| part.split("; "))
        .filter_map(|part| {
            let before = part.find(begins)?;
            // The name in a path, a sentence or a file's name is not a command.
            let before_it = part.get(..before)?;
            // `sudo -u tapcard` names a user.
            let is_command = !before_it.trim_end().ends_with("-u")
                && before_it.split_whitespace().all(|word| {
                    ["sudo", "exec", "-u", "tapcard", "'set"].contains(&word) || word.contains('=')
                });
            let arguments = part.get(before + begins.len()..)?;
            let arguments = arguments.split(['#', '>', '<']).next()?;
            is_command.then(|| words(arguments).iter().map(|word| meant(word)).collect())
        })
        .collect()
}

/// The words of a command line, quoted ones without their quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for sign in line.chars() {
        match (quote, sign) {
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            (None, _) if sign.is_whitespace() => words.push(String::new()),
            _ => {
                if let Some(word) = words.last_mut() {
                    word.push(sign);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a word stands for.
fn meant(word: &str) -> String {
    let word = word.split('|').next().unwrap_or(word);
    PLACEHOLDERS
        .iter()
        .find(|(placeholder, _)| *placeholder == word)
        .map_or(word, |(_, value)| value)
        .to_owned()
}

#[test]
fn every_command_that_a_document_names_is_there() -> Result {
    let folder = Folder::for_test()?;
    let mut known = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for document in documents()? {
        let text = fs::read_to_string(&document).map_err(|error| unexpected(error.to_string()))?;
        for code in code(&text) {
            for (program, begins) in PROGRAMS {
                for arguments in commands(&code, begins) {
                    // What is only named says nothing of options.
                    let arguments: Vec<String> = arguments
                        .into_iter()
                        .filter(|word| word != "..." && word != "…")
                        .collect();
                    if arguments.is_empty() || !known.insert((program, arguments.clone())) {
                        continue;
                    }
                    let outcome = folder
                        .program(folder.binaries().built(program)?)
                        .args(&arguments)
                        .arg("--help")
                        .run()?;
                    if !outcome.status.success() {
                        wrong.push(format!(
                            "{}: {program} {}: {}",
                            document.display(),
                            arguments.join(" "),
                            outcome.all_text().lines().next().unwrap_or_default()
                        ));
                    }
                }
            }
        }
    }
    assert!(known.len() > 80, "only {} commands", known.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn commands_are_found_where_they_stand() {
    let text = "Run `tapcard pin --json | jq .` or\n\n```console\n$ sudo tapcard setup ssh \\\n    --apply   # then\n\
                state\n```\n\n    tapcard list\n    sudo -u tapcard x\n";
    let found: Vec<_> = code(text)
        .iter()
        .flat_map(|code| commands(code, "tapcard "))
        .map(|arguments| arguments.join(" "))
        .collect();
    assert_eq!(found, ["setup ssh --apply", "list", "pin --json"]);
    assert!(commands("/usr/share/tapcard x", "tapcard ").is_empty());
    let quoted = commands("tapcard add x --name 'A B'", "tapcard ");
    assert_eq!(quoted, [["add", "x", "--name", "A B"]]);
    let placeholder = commands("cargo xtask fuzz [TARGET] --seconds N", "cargo xtask ");
    assert_eq!(placeholder, [["fuzz", "--seconds", "1"]]);
}
