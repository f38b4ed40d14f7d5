//! `tapcard setup`.

use std::path::PathBuf;

use clap::Args;

use crate::setup::program::Program;

pub(super) const LONG: &str = "\
Shows the one change that a program needs to use the card through Tapcard's PKCS#11 module; with --apply makes it, with
--undo takes back exactly what was made. Without either nothing is changed; without a program all are listed with their
state.

What was made is known by a mark with a checksum. Where it was changed since, or where something else is in its place, it
stays as it is and that is said. A file that was there before is kept beside the changed one (FILE.tapcard-backup).

The module, libtapcard_pkcs11.so, is looked for beside this program and in the usual folders for libraries; --module names
another.";

pub(super) const EXAMPLES: &str = "\
Examples:
  tapcard setup                      what is set up, and what is not
  tapcard setup ssh                  what ssh needs; nothing is changed
  tapcard setup ssh --apply          makes it, for all hosts
  tapcard setup ssh --host '*.example.org' --apply
                                     for some hosts alone
  tapcard setup chromium --apply     adds the module to Chromium's NSS database
  sudo tapcard setup firefox --apply a policy for all users; without sudo, the user's own profile
  tapcard setup ssh --undo           takes back what was made
  tapcard setup one-tap --apply      programs show the phone while it is away, and a login waits for its tap

Exit status: 0 shown or done (also where nothing was to be done); 1 not done, and the output says why; 2 wrong usage.";

/// Options of `tapcard setup`.
#[derive(Args, Debug)]
pub struct SetupOptions {
    /// The program; without one, all are listed with their state
    #[arg(value_enum)]
    pub program: Option<Program>,
    /// Make the change
    #[arg(long, requires = "program", conflicts_with = "undo")]
    apply: bool,
    /// Take back what was made
    #[arg(long, requires = "program")]
    undo: bool,
    /// The PKCS#11 module, where it is not in its usual place
    #[arg(long, value_name = "PATH", env = "TAPCARD_MODULE")]
    pub module: Option<PathBuf>,
    /// ssh: for these hosts alone, as in a Host line of ssh_config
    #[arg(long, value_name = "PATTERN", value_parser = hosts)]
    pub host: Option<String>,
    /// firefox: the folder of the profile, where it is not the one that Firefox starts with
    #[arg(long, value_name = "FOLDER")]
    pub profile: Option<PathBuf>,
}

/// What is done about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupAction {
    /// The change is shown.
    Show,
    /// It is made.
    Apply,
    /// It is taken back.
    Undo,
}

impl SetupOptions {
    /// What is to be done.
    #[must_use]
    pub fn action(&self) -> SetupAction {
        match (self.apply, self.undo) {
            (true, _) => SetupAction::Apply,
            (false, true) => SetupAction::Undo,
            (false, false) => SetupAction::Show,
        }
    }
}

/// Patterns of a `Host` line (ssh_config(5)).
fn hosts(text: &str) -> Result<String, &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || " *?!.-_:[]".contains(c);
    if text.trim().is_empty() || !text.chars().all(fits) {
        return Err("not patterns of a Host line");
    }
    Ok(text.trim().to_owned())
}
