//! `cargo xtask fuzz`: the targets of `fuzz/`, with the stable toolchain; and the few seconds of each that
//! `cargo xtask test` gives them.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use crate::error::{Error, Result, doing};
use crate::story::seconds as since;
use crate::workspace::{line_of, root, succeed};
use crate::{debian, plugin};

/// Seconds that each target gets in `cargo xtask test`.
pub const SHORT: u32 = 10;

/// Targets that run at a time in `cargo xtask test`.
const AT_A_TIME: usize = 2;

/// Seconds after which an input is a hang: the slowest takes less than one.
const HANG: u32 = 60;

/// Runs one target, or each in turn.
pub fn run(target: Option<&str>, seconds: u32) -> Result {
    debian::ensure_for_fuzzing()?;
    let targets = targets()?;
    let chosen: Vec<&String> = targets
        .iter()
        .filter(|name| target.is_none_or(|target| target == *name))
        .collect();
    if chosen.is_empty() {
        return Err(Error::Machine(format!(
            "no such fuzz target; there are: {}",
            targets.join(", ")
        )));
    }
    for name in &chosen {
        println!("{name}: {seconds} s");
        let mut command = fuzz()?;
        command
            .args(["run", name])
            .arg(corpus(name))
            .args(kept(name));
        command.args(["--", &format!("-max_total_time={seconds}")]);
        succeed(command.arg(hang()))?;
    }
    println!("{} targets, {seconds} s each: nothing found.", chosen.len());
    Ok(())
}

/// Gives every target [`SHORT`] seconds; returns how many there are. What they find out about the corpus is not kept.
pub fn run_each_shortly() -> Result<usize> {
    debian::ensure_for_fuzzing()?;
    let targets = targets()?;
    succeed(fuzz()?.arg("build"))?;
    let programs = target_folder().join(host()?).join("release");
    let mut waiting: VecDeque<&String> = targets.iter().collect();
    let mut running: VecDeque<(&String, Instant, Child)> = VecDeque::new();
    while !waiting.is_empty() || !running.is_empty() {
        while running.len() < AT_A_TIME
            && let Some(name) = waiting.pop_front()
        {
            running.push_back((name, Instant::now(), start(&programs, name)?));
        }
        // They all run for as long, so the first is the next that ends.
        if let Some((name, start, child)) = running.pop_front() {
            let output = child
                .wait_with_output()
                .map_err(doing(format!("wait for the fuzz target {name}")))?;
            let log = String::from_utf8_lossy(&output.stderr).into_owned();
            if let Err(error) = judge(&programs, name, &output, &log) {
                for (_, _, mut other) in running {
                    let _ = other.kill();
                    let _ = other.wait();
                }
                return Err(error);
            }
            println!("  ✓ {name:20} {:>12} runs {:>8}", runs(&log), since(start));
        }
    }
    Ok(targets.len())
}

/// Starts a target. What is new to it goes to a folder that is thrown away, so that the tree stays as it is.
fn start(programs: &Path, name: &str) -> Result<Child> {
    let fuzz = root().join("fuzz");
    let scratch = target_folder().join("scratch").join(name);
    let artifacts = artifacts(name);
    for folder in [&scratch, &artifacts] {
        fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    }
    let mut command = Command::new(programs.join(name));
    command
        .current_dir(&fuzz)
        .arg(format!("-max_total_time={SHORT}"))
        .arg(hang())
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-verbosity=0"])
        .arg(&scratch)
        .arg(corpus(name))
        .args(kept(name))
        .env("ASAN_OPTIONS", "detect_odr_violation=0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let line = line_of(&command);
    command.spawn().map_err(doing(format!("start `{line}`")))
}

/// The seeds of a target, and in a working tree what it has found by itself.
fn corpus(name: &str) -> PathBuf {
    root().join("fuzz/corpus").join(name)
}

/// What a long run of a target has found, as little as reaches the same: where there is some, each run begins with it.
fn kept(name: &str) -> Option<PathBuf> {
    let folder = root().join("fuzz/kept").join(name);
    folder.is_dir().then_some(folder)
}

fn hang() -> String {
    format!("-timeout={HANG}")
}

fn artifacts(name: &str) -> PathBuf {
    root().join("fuzz/artifacts").join(name)
}

/// A target that did not end well has written what it found.
fn judge(programs: &Path, name: &str, output: &Output, log: &str) -> Result {
    if output.status.success() {
        return Ok(());
    }
    let artifact = log
        .lines()
        .find_map(|line| {
            line.split_once("Test unit written to ")
                .map(|(_, path)| path)
        })
        .map_or_else(|| artifacts(name).display().to_string(), str::to_owned);
    Err(Error::Command {
        command: format!("the fuzz target {name}"),
        outcome: output.status.to_string(),
        hint: format!(
            "\n{log}\nFound: {artifact}\nReplay: {} {artifact}\nWhat to do with it: docs/fuzzing.md",
            programs.join(name).display()
        ),
    })
}

/// How many inputs a target has run.
fn runs(log: &str) -> &str {
    log.lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .map_or("?", str::trim)
}

/// The triple of this machine, for which the targets are built.
pub fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(doing("start rustc"))?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .ok_or_else(|| Error::Machine("rustc does not say what machine this is".to_owned()))
}

fn targets() -> Result<Vec<String>> {
    let mut list = fuzz()?;
    list.arg("list");
    let output = list.output().map_err(doing("start cargo fuzz"))?;
    if !output.status.success() {
        return Err(Error::Command {
            command: line_of(&list),
            outcome: output.status.to_string(),
            hint: format!("\n{}", String::from_utf8_lossy(&output.stderr)),
        });
    }
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().map(str::to_owned).collect())
}

/// cargo-fuzz takes a sanitizer that is unstable by name only; the switch for it stays in this command.
fn fuzz() -> Result<Command> {
    let mut command = plugin::FUZZ.cargo()?;
    command
        .arg("fuzz")
        .env("RUSTC_BOOTSTRAP", "1")
        // Whatever folder the workspace is built in: the programs are started from here.
        .env("CARGO_TARGET_DIR", target_folder());
    Ok(command)
}

/// Where the targets are built.
fn target_folder() -> PathBuf {
    root().join("fuzz/target")
}

#[cfg(test)]
mod tests {
    const MANIFEST: &str = include_str!("../../fuzz/Cargo.toml");
    const DOCUMENT: &str = include_str!("../../docs/fuzzing.md");

    #[test]
    fn the_document_has_a_row_for_each_target() {
        let (_, targets) = MANIFEST.split_once("[[bin]]").unwrap_or_default();
        let targets: Vec<&str> = targets
            .lines()
            .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
            .collect();
        assert!(targets.len() > 20, "{targets:?}");
        for target in targets {
            let row = format!("\n| `{target}` | ");
            assert!(DOCUMENT.contains(&row), "{target} has no row");
        }
    }
}
