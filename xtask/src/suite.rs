//! `cargo xtask test`: everything that must hold.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use rig::installed_crate::OF_TESTS;

use crate::error::{Error, Result, doing};
use crate::story::seconds;
use crate::workspace::{cargo, line_of, succeed};
use crate::{
    axe, cryptoki_suite, debian, debian_13, deny, fuzz, installed_crate, opensc, python_pkcs11,
    schemathesis, toolchain, ykman,
};

/// Runs all checks and tests; the first failure ends it.
pub fn run() -> Result {
    let start = Instant::now();
    let mut done = Vec::new();
    let mut stage = |name: &'static str, outcome: String, since: Instant| {
        done.push((name, outcome, seconds(since)));
    };

    let since = Instant::now();
    let packages = debian::ensure_for_tests()?;
    toolchain::ensure_lints()?;
    axe::ensure()?;
    python_pkcs11::ensure()?;
    schemathesis::ensure()?;
    cryptoki_suite::ensure()?;
    ykman::ensure()?;
    installed_crate::ensure(&OF_TESTS)?;
    debian_13::ensure()?;
    opensc::ensure()?;
    stage(
        "Tools",
        format!("{packages} Debian packages installed, the rest was there"),
        since,
    );

    let since = Instant::now();
    announce("Formatting");
    succeed(cargo().args(["fmt", "--all", "--check"]))?;
    stage("Formatting", "as rustfmt has it".to_owned(), since);

    let since = Instant::now();
    announce("Dependencies");
    let checked = deny::check()?;
    stage("Dependencies", checked.to_owned(), since);

    let since = Instant::now();
    announce("Lints");
    succeed(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    // The core as an app takes it: no program, no TLS of its own.
    succeed(cargo().args([
        "check",
        "--package",
        "phone",
        "--lib",
        "--no-default-features",
        "--locked",
    ]))?;
    stage("Lints", "no warnings".to_owned(), since);

    // Programs and tests in one go: the same features, so nothing is built twice, and the
    // end-to-end tests find the programs beside them.
    let since = Instant::now();
    announce("Build");
    succeed(cargo().args(["build", "--workspace", "--all-targets", "--locked"]))?;
    stage(
        "Build",
        "programs, PKCS#11 module and tests".to_owned(),
        since,
    );

    let since = Instant::now();
    announce("Tests");
    let passed = test(cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]))?;
    stage("Tests", format!("{passed} passed, none skipped"), since);

    let since = Instant::now();
    announce("Fuzzing");
    let targets = fuzz::run_each_shortly()?;
    stage(
        "Fuzzing",
        format!("{targets} targets, {} s each: nothing found", fuzz::SHORT),
        since,
    );

    println!("\nAll good, in {}:", seconds(start));
    for (name, outcome, duration) in done {
        println!("  ✓ {name:15} {outcome:60} {duration:>8}");
    }
    Ok(())
}

fn announce(what: &str) {
    println!("\n=== {what} ===");
}

/// Runs the tests, shows their output as it comes, and counts. A test that is skipped is a failure.
fn test(command: &mut Command) -> Result<usize> {
    let line = line_of(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(doing(format!("start `{line}`")))?;
    let mut passed = 0;
    let mut unwanted = Vec::new();
    for text in BufReader::new(
        child
            .stdout
            .take()
            .into_iter()
            .next()
            .ok_or_else(no_output)?,
    )
    .lines()
    {
        let text = text.map_err(doing("read the tests' output"))?;
        println!("{text}");
        if text.ends_with("FAILED") || text.contains("... ignored") {
            unwanted.push(text.clone());
        }
        passed += count(&text, " passed;").unwrap_or_default();
    }
    let status = child.wait().map_err(doing("wait for the tests"))?;
    if status.success() && unwanted.is_empty() {
        Ok(passed)
    } else {
        Err(Error::Command {
            command: line,
            outcome: status.to_string(),
            hint: format!("\n{}", unwanted.join("\n")),
        })
    }
}

fn no_output() -> Error {
    Error::Machine("the tests have no output".to_owned())
}

/// The number before `word` in a line like `test result: ok. 3 passed; 0 failed`.
fn count(line: &str, word: &str) -> Option<usize> {
    let (before, _) = line.strip_prefix("test result:")?.split_once(word)?;
    before.split_whitespace().next_back()?.parse().ok()
}
