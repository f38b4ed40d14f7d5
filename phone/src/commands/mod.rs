//! What each subcommand does.

pub mod run;

use clap::CommandFactory;
use clap_complete::Shell;
use thiserror::Error;

use crate::args::Arguments;
use tapcard_phone::state::StateError;

/// Why a subcommand failed: what happened, and what to do next where that is known.
#[derive(Debug, Error)]
pub enum CommandError {
    /// The card's state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Signals cannot be caught, or the standard output is gone.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Prints a completion script.
pub fn completions(shell: Shell) -> Result<(), CommandError> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut std::io::stdout());
    Ok(())
}
