//! What can go wrong in the rig, told so that the reader of a failed run knows what to do.

use std::fmt;
use std::io;
use std::time::Duration;

/// The result of everything the rig does.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// A failure of the rig or of what it tried.
#[derive(thiserror::Error)]
pub enum Error {
    /// A program or file that must be there is not.
    #[error("{what} is not there: {remedy}")]
    Missing {
        /// The program or file.
        what: String,
        /// What puts it there.
        remedy: String,
    },
    /// The operating system refused something.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A program ended in another way than it should have.
    #[error("`{command}` {outcome}\n{output}")]
    Program {
        /// The command line.
        command: String,
        /// How it ended.
        outcome: String,
        /// What it wrote, both streams.
        output: String,
    },
    /// A condition did not come true in time.
    #[error("{what}: not within {bound:?}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        bound: Duration,
    },
    /// An HTTP exchange failed before there was an answer.
    #[error("{method} {url}: {reason}")]
    Http {
        /// The request's method.
        method: &'static str,
        /// The request's address.
        url: String,
        /// What the HTTP client says.
        reason: String,
    },
    /// Something answered, but not with what was expected.
    #[error("{0}")]
    Unexpected(String),
}

/// A test that returns an error shows it with `Debug`: the sentence is of more use there than the structure.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Says what was being done when the operating system refused.
pub(crate) trait Doing<T> {
    /// Turns an I/O error into [`Error::Io`].
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io {
            doing: what(),
            source,
        })
    }
}

/// An [`Error::Unexpected`] from a sentence.
pub fn unexpected(sentence: impl Into<String>) -> Error {
    Error::Unexpected(sentence.into())
}
