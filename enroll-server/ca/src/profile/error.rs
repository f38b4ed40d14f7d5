//! What is wrong with a profile or an enrollment policy.

use crate::error::{CaError, LintError};

/// Which row is refused, and why.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {name:?}, version {version}: {flaw}")]
pub struct RefusedRow {
    /// What kind of row: a profile, an enrollment policy.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i64,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It is not JSON of a definition.
    #[error("its definition cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A rule by its words.
    #[error("{0}")]
    Rule(&'static str),
    /// It names a profile that does not exist.
    #[error("there is no profile {0:?}")]
    UnknownProfile(String),
    /// A certificate of it breaks a rule.
    #[error("a certificate of it would break a rule: {0}")]
    Lint(#[from] LintError),
    /// A certificate of it cannot be made.
    #[error("no certificate of it can be made: {0}")]
    Build(CaError),
}

impl From<CaError> for Flaw {
    fn from(error: CaError) -> Self {
        match error {
            CaError::Lint(error) => Self::Lint(error),
            other => Self::Build(other),
        }
    }
}

/// Whether a rule holds.
///
/// # Errors
/// [`Flaw::Rule`] with these words if it does not.
pub(super) fn rule(holds: bool, words: &'static str) -> Result<(), Flaw> {
    if holds {
        Ok(())
    } else {
        Err(Flaw::Rule(words))
    }
}
