//! `enroll-server`: the enrollment service of Tapcard.

#![forbid(unsafe_code)]

use std::process::ExitCode;

// All is in the library: a second crate that drives its futures would compile them a second time.
fn main() -> ExitCode {
    enroll_server::command::main()
}
