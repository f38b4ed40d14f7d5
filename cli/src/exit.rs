//! What `tapcard` tells its caller by its exit status.

use std::process::ExitCode;

/// How a command ended. Wrong usage is status 2, which the argument parser gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: nothing is wrong.
    Well,
    /// 1: something is wrong, and the output says what.
    Wrong,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Well => 0,
            Outcome::Wrong => 1,
        })
    }
}
