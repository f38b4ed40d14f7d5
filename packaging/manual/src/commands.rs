//! The commands that a package has.

use clap::{Command, CommandFactory};

/// All of them.
pub fn packaged() -> [Command; 2] {
    [
        tapcard_cli::arguments::Arguments::command(),
        enroll_server::config::Arguments::command(),
    ]
}
