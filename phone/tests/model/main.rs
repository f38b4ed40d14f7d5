//! A small model of what SP 800-73-5 says of the security status, the retry counters and the access rules, and the card
//! beside it: under any sequence of commands, cuts and changes from elsewhere they give the same answers.
//!
//! The model knows none of the card's code. `cargo xtask model` lets both walk a million steps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

mod command;
mod driver;
mod model;
mod script;

use std::cell::Cell;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// How many steps both walk in the ordinary test.
const STEPS: usize = 20_000;
/// `TAPCARD_MODEL_STEPS`: how many instead.
const STEPS_VARIABLE: &str = "TAPCARD_MODEL_STEPS";
/// Scripts between two looks at how far it has come.
const SCRIPTS: u32 = 64;

#[test]
fn card_and_model_agree() {
    let wanted = std::env::var(STEPS_VARIABLE).map_or(STEPS, |number| number.parse().unwrap());
    // What fails is made as short as it can be.
    let config = Config {
        cases: SCRIPTS,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let steps = Cell::new(0);
    while steps.get() < wanted {
        let outcome = TestRunner::new(config.clone()).run(&script::script(), |script| {
            driver::play(&script).map_err(TestCaseError::fail)?;
            steps.set(steps.get() + script.steps.len());
            Ok(())
        });
        println!("{} of {wanted} steps", steps.get().min(wanted));
        if let Err(difference) = outcome {
            panic!("{difference}");
        }
    }
}
