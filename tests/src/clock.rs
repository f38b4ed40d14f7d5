//! Programs under a clock of their own.

use crate::program::Program;

/// Debian's libfaketime: its own command would stay in between and take the signals that are for the program.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// A program under a clock that is so far away from the right one, as `+2d`.
#[must_use]
pub fn with_clock(program: Program, offset: &str) -> Program {
    program
        .env("LD_PRELOAD", LIBRARY)
        .env("DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME", offset)
}
