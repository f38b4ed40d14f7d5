//! The system's configuration as root sets it up, without touching the machine's.

use std::path::PathBuf;

use crate::folder::Folder;
use crate::program::Program;
use crate::system::System;
use crate::{Result, unexpected};

/// A copy of `/etc` that stands in its place for the programs that are run by it. They are root's, by number at least.
#[derive(Debug)]
pub struct OwnEtc {
    path: PathBuf,
}

impl OwnEtc {
    /// A copy of this machine's.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn copy(folder: &Folder) -> Result<Self> {
        let path = folder.join("etc");
        // What only the machine's root may read stays behind where somebody else runs the tests.
        let copied = folder
            .program("cp")
            .args(["--archive", "/etc"])
            .arg(&path)
            .run()?;
        if path.join("passwd").is_file() {
            Ok(Self { path })
        } else {
            Err(unexpected(copied.all_text()))
        }
    }

    /// A file of it, by its path below `/etc`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A program that sees it.
    ///
    /// # Errors
    /// When nothing may be mounted here.
    pub fn program(&self, folder: &Folder, name: &str) -> Result<Program> {
        System::ThisMachine.program_with(folder, &self.path, "/etc", name)
    }

    /// `tapcard setup` with these arguments.
    ///
    /// # Errors
    /// When nothing may be mounted here, or it has not been built.
    pub fn setup(&self, folder: &Folder, arguments: &[&str]) -> Result<Program> {
        let tapcard = folder.binaries().tapcard()?;
        let program = self.program(folder, &tapcard.to_string_lossy())?;
        Ok(program.arg("setup").args(arguments))
    }
}
