//! `cargo xtask model`: the card beside models of the standards, for as many steps as one likes.

use crate::debian;
use crate::error::Result;
use crate::workspace::{cargo, succeed};

/// Walks that many steps.
pub fn run(steps: usize) -> Result {
    debian::ensure_for_tests()?;
    succeed(
        cargo()
            .args(["test", "--package", "phone", "--test", "model", "--locked"])
            .args(["--", "--nocapture"])
            .env("TAPCARD_MODEL_STEPS", steps.to_string()),
    )
}
