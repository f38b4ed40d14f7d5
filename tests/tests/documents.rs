//! The commands of the documents. Each block of them is run by a test from the document's own text, or is listed here with
//! the reason why it cannot be; and every command of ours that is only named is one that the program takes: with `--help` at
//! its end it does nothing and says so, and an option or subcommand that is not there is an error.

use std::fs;
use std::path::{Path, PathBuf};

use rig::folder::Folder;
use rig::recipe::{Block, blocks};
use rig::{Result, unexpected};

/// The languages of blocks of commands, and of all others.
const COMMANDS: [&str; 4] = ["console", "sh", "bat", "powershell"];
const OTHERS: [&str; 7] = ["apache", "ini", "json", "nginx", "sql", "text", "toml"];

const SUITE: &str = "it is the test suite, or takes longer than all of it";
const BUILD: &str = "it builds the workspace once more";
const NO_WINDOWS: &str = "no Windows is here";
const NO_SERVICE_MANAGER: &str = "it takes a machine whose first process is systemd";

/// The blocks that no test runs: the document, how what is typed begins, and why.
const NOT_RUN: [(&str, &str, &str); 22] = [
    ("CONTRIBUTING.md", "cargo xtask test", SUITE),
    ("CONTRIBUTING.md", "cargo clippy", SUITE),
    ("docs/benchmarks.md", "cargo xtask bench   ", SUITE),
    ("docs/benchmarks.md", "cargo xtask bench one-tap", SUITE),
    ("docs/benchmarks.md", "cargo run --release", SUITE),
    ("docs/card-tests.md", "cargo xtask model", SUITE),
    ("docs/card-tests.md", "cargo bench", SUITE),
    ("docs/crash-tests.md", "cargo xtask crash", SUITE),
    ("docs/fuzzing.md", "cargo xtask fuzz", SUITE),
    ("docs/fuzzing.md", "cargo xtask sanitize", SUITE),
    ("docs/round-trips.md", "cargo xtask bench", SUITE),
    ("docs/packages.md", "cargo xtask dist", BUILD),
    (
        "docs/packages.md",
        "sudo apt install",
        "`cargo xtask dist --test` does so with the packages that it has made, in clean systems",
    ),
    ("docs/macos.md", "cargo build", "no Mac is here"),
    ("docs/quick-starts.md", "certutil", NO_WINDOWS),
    ("docs/windows.md", "# the serial number", NO_WINDOWS),
    ("docs/windows-pkcs11.md", "\"C:\\Program", NO_WINDOWS),
    ("docs/windows-pkcs11.md", "ssh-keygen", NO_WINDOWS),
    (
        "docs/enroll-server.md",
        "sudo systemctl enable",
        NO_SERVICE_MANAGER,
    ),
    (
        "docs/enroll-server.md",
        "enroll-server mail-test",
        "the mail server is the reader's own; tests/mail.rs runs the command with another",
    ),
    (
        "docs/enroll-server.md",
        "echo TAPCARD_NAME",
        "`cargo xtask dist --test` does so, and has Docker Compose read what it makes",
    ),
    (
        "docs/enroll-server.md",
        "docker compose up",
        "no Docker is here, as the document says",
    ),
];

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
        "ARCHITECTURE.md",
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

/// A document's name, as from the project's folder.
fn name(document: &Path) -> String {
    let name = document.strip_prefix(root()).unwrap_or(document);
    name.display().to_string()
}

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| unexpected(format!("{}: {error}", path.display())))
}

/// The sources of the tests beneath a folder, one after the other, without blanks and with quotes as they are.
fn sources(folder: &Path) -> Result<String> {
    let mut all = String::new();
    let entries = fs::read_dir(folder).map_err(|error| unexpected(error.to_string()))?;
    for entry in entries {
        let path = entry.map_err(|error| unexpected(error.to_string()))?.path();
        if path.is_dir() {
            all.push_str(&sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&dense(&text_of(&path)?));
        }
    }
    Ok(all)
}

/// Without blanks, as a source may be broken into lines anywhere.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether a test takes this block from the document: with all of its section, or by words of its own.
fn is_taken(block: &Block, document: &str, sources: &str) -> bool {
    let Some(step) = block.step() else {
        return false;
    };
    let whole = dense(&format!("Recipe::of(\"{document}\", \"{}\"", block.title));
    let single = dense(&format!("Step::of(\"{document}\", \"{}\", \"", block.title));
    let script = dense(&step.script);
    let mut by_words = sources.split(&single).skip(1);
    sources.contains(&whole)
        || by_words.any(|rest| {
            rest.split('"')
                .next()
                .is_some_and(|words| script.contains(words))
        })
}

/// How what is typed in a block begins.
fn beginning(block: &Block) -> &str {
    let first = block.lines.first().map_or("", String::as_str);
    first.trim_start_matches("$ ")
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
        for code in code(&text_of(&document)?) {
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
fn every_block_of_commands_is_run_or_has_its_reason() -> Result {
    let sources = sources(&root().join("tests/tests"))?;
    let mut wrong = Vec::new();
    let mut found = [0; NOT_RUN.len()];
    for document in documents()? {
        let document_name = name(&document);
        for block in blocks(&text_of(&document)?) {
            if !COMMANDS.contains(&block.language.as_str()) {
                continue;
            }
            let mut listed = 0;
            for (count, (in_document, begins, _)) in found.iter_mut().zip(NOT_RUN) {
                if in_document == document_name && beginning(&block).starts_with(begins) {
                    *count += 1;
                    listed += 1;
                }
            }
            let runs = usize::from(is_taken(&block, &document_name, &sources));
            if runs + listed != 1 {
                wrong.push(format!(
                    "{document_name}, {}: \"{}\" is run by {runs} and listed {listed} times",
                    block.title,
                    beginning(&block)
                ));
            }
        }
    }
    for (count, (document, begins, _)) in found.into_iter().zip(NOT_RUN) {
        if count != 1 {
            wrong.push(format!("\"{begins}\" of {document} is there {count} times"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_block_says_what_it_is() -> Result {
    let mut wrong = Vec::new();
    for document in documents()? {
        let text = text_of(&document)?;
        for block in blocks(&text) {
            let language = block.language.as_str();
            if !COMMANDS.contains(&language) && !OTHERS.contains(&language) {
                let (title, first) = (&block.title, beginning(&block));
                wrong.push(format!(
                    "{}, {title}: {language:?}: {first}",
                    name(&document)
                ));
            }
        }
        wrong.extend(indented(&text).map(|line| format!("{}: {line}", name(&document))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The first lines of code that is indented and not fenced: after an empty line, and not in a list.
fn indented(text: &str) -> impl Iterator<Item = &str> {
    let mut is_fenced = false;
    let mut is_list = false;
    let mut after_empty = false;
    text.lines().filter(move |line| {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        }
        let begins_code = !is_fenced && !is_list && after_empty && line.starts_with("    ");
        if !line.is_empty() && !line.starts_with(' ') {
            is_list = line.starts_with("- ")
                || line
                    .split_once(". ")
                    .is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        }
        after_empty = line.is_empty();
        begins_code
    })
}

#[test]
fn a_block_is_taken_by_the_call_that_names_it() {
    let text =
        "## One\n\n```sh\ntrue x\n```\n\n```sh\nfalse\n```\n\n## Two\n\n```console\n$ date\n```\n";
    let taken = |sources: &str| {
        let taken = |block: &Block| is_taken(block, "d.md", &dense(sources));
        blocks(text).iter().map(taken).collect::<Vec<_>>()
    };
    assert_eq!(taken(""), [false, false, false]);
    assert_eq!(taken("Recipe::of(\"d.md\", \"One\")?"), [true, true, false]);
    let one = "Step::of(\n    \"d.md\",\n    \"One\",\n    \"true x\",\n)";
    assert_eq!(taken(one), [true, false, false]);
    assert_eq!(
        taken("Recipe::of(\"other.md\", \"Two\")"),
        [false, false, false]
    );
    let code: Vec<_> =
        indented("a\n\n    b\n    c\n\n- d\n\n    e\n\n```sh\n\n    f\n```\n").collect();
    assert_eq!(code, ["    b"]);
}

#[test]
fn every_place_that_the_security_model_names_is_there() -> Result {
    let text = text_of(&root().join("docs/security-model.md"))?;
    let quoted = text.split('`').skip(1).step_by(2);
    let places: Vec<_> = quoted
        .filter(|quoted| quoted.ends_with(".rs") || quoted.ends_with("/src/"))
        .collect();
    let gone: Vec<_> = places
        .iter()
        .filter(|place| !root().join(place).exists())
        .collect();
    assert!(places.len() > 20, "{places:?}");
    assert!(gone.is_empty(), "{gone:?}");
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
