//! `cargo xtask fuzz`: the targets of `fuzz/`, with the stable toolchain.

use std::process::Command;

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, line_of, succeed};
use crate::{debian, toolchain};

/// Runs one target, or each in turn.
pub fn run(target: Option<&str>, seconds: u32) -> Result {
    debian::ensure_for_fuzzing()?;
    toolchain::ensure_fuzz()?;
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
        succeed(fuzz().args(["run", name, "--", &format!("-max_total_time={seconds}")]))?;
    }
    println!("{} targets, {seconds} s each: nothing found.", chosen.len());
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let mut list = fuzz();
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
fn fuzz() -> Command {
    let mut command = cargo();
    command.arg("fuzz").env("RUSTC_BOOTSTRAP", "1");
    command
}
