//! The parts of the Rust toolchain that a minimal installation lacks.

use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::workspace::{cargo, succeed};

/// Makes sure that `cargo fmt` and `cargo clippy` are there.
pub fn ensure_lints() -> Result {
    let missing: Vec<_> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !runs(cargo().args([*command, "--version"])))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let added = succeed(
        Command::new("rustup")
            .args(["component", "add"])
            .args(&missing),
    );
    added.map_err(|_| {
        Error::Machine(format!(
            "this Rust toolchain has no {}, and rustup could not add it: install it, then try again",
            missing.join(" and no ")
        ))
    })
}

/// Whether a command is there and works.
pub fn runs(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
