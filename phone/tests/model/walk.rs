//! Random scripts, one after the other, until enough steps were made; what fails is made as short as it can be.

use std::cell::Cell;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher, RandomState};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

/// `TAPCARD_MODEL_STEPS`: how many steps both models walk together.
const STEPS_VARIABLE: &str = "TAPCARD_MODEL_STEPS";
/// How many in the ordinary test.
const STEPS: usize = 20_000;
/// Scripts between two looks at how far it has come.
const SCRIPTS: u32 = 64;

/// Where card and model disagree, and how.
pub type Difference = String;

/// Plays scripts until this share of the steps is made. `play` gives how many steps a script had.
///
/// `PROPTEST_RNG_SEED` makes it play the scripts of an earlier walk again.
pub fn walk<S: Debug>(
    name: &str,
    percent: usize,
    script: impl Strategy<Value = S>,
    play: impl Fn(&S) -> Result<usize, Difference>,
) {
    let all = std::env::var(STEPS_VARIABLE).map_or(STEPS, |number| number.parse().unwrap());
    let wanted = all * percent / 100;
    let config = Config {
        cases: SCRIPTS,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let mut seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().build_hasher().finish(),
    };
    let steps = Cell::new(0);
    // What is made shorter does not count.
    let failed_after = Cell::new(None);
    while steps.get() < wanted {
        let config = Config {
            rng_seed: RngSeed::Fixed(seed),
            ..config.clone()
        };
        let outcome = TestRunner::new(config).run(&script, |script| {
            let played = play(&script).map_err(|difference| {
                if failed_after.get().is_none() {
                    let steps = steps.get();
                    failed_after.set(Some(steps));
                    println!("{name}: differs after {steps} steps, is made shorter: {difference}");
                }
                TestCaseError::fail(difference)
            })?;
            if failed_after.get().is_none() {
                steps.set(steps.get() + played);
            }
            Ok(())
        });
        println!("{name}: {} of {wanted} steps", steps.get().min(wanted));
        if let Err(difference) = outcome {
            let steps = failed_after.get().unwrap_or_default();
            panic!("{name}, after {steps} steps, PROPTEST_RNG_SEED={seed}: {difference}");
        }
        seed = seed.wrapping_add(1);
    }
}
