//! One change that a program needs, whatever it consists of: its state, making it, taking it back.

use std::path::PathBuf;

use super::error::SetupError;
use super::nss::NssModule;
use super::own_file::OwnFile;
use super::ssh_block::SshBlock;
use super::state::{Done, State};

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// A file of ours.
    OwnFile(OwnFile),
    /// Lines in ssh's configuration.
    SshBlock(SshBlock),
    /// An entry in a database of NSS.
    NssModule(NssModule),
}

impl Change {
    /// What is there now.
    ///
    /// # Errors
    /// [`SetupError::File`] where it cannot be read.
    pub fn state(&self) -> Result<State, SetupError> {
        match self {
            Self::OwnFile(file) => file.state(),
            Self::SshBlock(block) => block.state(),
            Self::NssModule(module) => module.state(),
        }
    }

    /// Makes it, unless it is there.
    ///
    /// # Errors
    /// [`SetupError`] where something of somebody else's is in the way, or it cannot be made.
    pub fn apply(&self) -> Result<Done, SetupError> {
        match self {
            Self::OwnFile(file) => file.apply(),
            Self::SshBlock(block) => block.apply(),
            Self::NssModule(module) => module.apply(),
        }
    }

    /// Takes back what was made, and nothing else.
    ///
    /// # Errors
    /// [`SetupError`] where it was changed since, or cannot be taken back.
    pub fn undo(&self) -> Result<Done, SetupError> {
        match self {
            Self::OwnFile(file) => file.undo(),
            Self::SshBlock(block) => block.undo(),
            Self::NssModule(module) => module.undo(),
        }
    }

    /// Where it is made.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        match self {
            Self::OwnFile(file) => file.path.clone(),
            Self::SshBlock(block) => block.path.clone(),
            Self::NssModule(module) => module.folder.clone(),
        }
    }

    /// The change itself, for people: what it does, and the lines or the command.
    #[must_use]
    pub fn shown(&self) -> (String, String) {
        let place = self.place();
        let place = place.display();
        match self {
            Self::OwnFile(file) => (format!("a file {place} with"), file.body.clone()),
            Self::SshBlock(block) => (format!("these lines at the end of {place}"), block.body()),
            Self::NssModule(module) => (
                format!("an entry in the NSS database {place}, as this command makes it"),
                module.command_line(),
            ),
        }
    }
}
