//! Why a developer's command failed.

use std::io;
use std::path::PathBuf;

/// A failure, worded for whoever ran the command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that the rig did failed.
    #[error(transparent)]
    Rig(#[from] rig::Error),
    /// A step of the story failed.
    #[error("{step} failed: {reason}\nThe logs are in {}", logs.display())]
    Step {
        /// The step's name.
        step: String,
        /// Why.
        reason: rig::Error,
        /// Where everything has written its logs.
        logs: PathBuf,
    },
    /// A command that was started ended with a failure; it has said why.
    #[error("`{command}` failed ({outcome}){hint}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        outcome: String,
        /// What to do next, or nothing.
        hint: String,
    },
    /// The machine lacks something that cannot be installed from here.
    #[error("{0}")]
    Machine(String),
    /// The operating system refused something.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// The result of a developer's command.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// Says what was being done when the operating system refused.
pub fn doing(what: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
    let doing = what.into();
    move |source| Error::Io { doing, source }
}
