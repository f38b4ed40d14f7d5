//! The states of a change, and what was done.

use std::path::PathBuf;

use serde::Serialize;

/// What is there of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All of it.
    SetUp,
    /// Nothing.
    NotSetUp,
    /// An earlier one of ours: for a module in another place, or for another host.
    Other,
    /// What we made, changed by somebody since.
    Changed,
    /// Something else, which is not ours.
    Foreign,
}

impl State {
    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SetUp => "set up",
            Self::NotSetUp => "not set up",
            Self::Other => "set up in another way: --apply brings it up to date",
            Self::Changed => "set up, and changed by somebody since",
            Self::Foreign => "not set up: something else is in its place",
        }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing: it was so already.
    Nothing,
    /// A file was written, and kept as it was before here.
    Written(PathBuf, Option<PathBuf>),
    /// A file was removed.
    Removed(PathBuf),
}
