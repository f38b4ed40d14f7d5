//! A folder of a test's own: everything it starts keeps its files and logs there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;
use crate::binary::Binaries;
use crate::error::Doing;
use crate::program::Program;

/// How much of each log a failed test shows, in lines.
const SHOWN_LINES: usize = 60;

/// A private folder, removed when dropped.
#[derive(Debug)]
pub struct Folder {
    directory: TempDir,
    binaries: Binaries,
    logs_are_shown: bool,
}

impl Folder {
    /// A folder for a test: when dropped it prints the end of every log in it, which the test harness shows if the
    /// test has failed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn for_test() -> Result<Self> {
        Self::make(Binaries::own()?, true)
    }

    /// A folder for something that tells its own story: prints nothing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn silent() -> Result<Self> {
        Self::make(Binaries::own()?, false)
    }

    /// As [`Folder::silent`], where the programs of another build are run.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn of_build(binaries: Binaries) -> Result<Self> {
        Self::make(binaries, false)
    }

    fn make(binaries: Binaries, logs_are_shown: bool) -> Result<Self> {
        // Short and not under TMPDIR: a Unix socket's path has to stay below 108 bytes.
        let directory = tempfile::Builder::new()
            .prefix("tapcard-")
            .tempdir_in("/tmp")
            .doing(|| "make a folder in /tmp".to_owned())?;
        fs::create_dir(directory.path().join("home")).doing(|| "make a home folder".to_owned())?;
        Ok(Self {
            directory,
            binaries,
            logs_are_shown,
        })
    }

    /// The programs of the workspace that are run in it.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The path of something in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Makes a folder in it (or finds it there).
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        fs::create_dir_all(&path).doing(|| format!("make {}", path.display()))?;
        Ok(path)
    }

    /// Writes a file that only its owner can read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        self.write_with_mode(name, content, 0o600)
    }

    /// Writes a file that its owner can run.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_script(&self, name: &str, content: &str) -> Result<PathBuf> {
        self.write_with_mode(name, content, 0o700)
    }

    fn write_with_mode(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> Result<PathBuf> {
        let path = self.join(name);
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&path)
            .and_then(|mut file| file.write_all(content.as_ref()))
            .doing(|| format!("write {}", path.display()))?;
        Ok(path)
    }

    /// Lets other users pass through (not list): for a program that runs as somebody else.
    ///
    /// # Errors
    /// When the mode cannot be changed.
    pub fn let_others_pass(&self) -> Result {
        fs::set_permissions(self.path(), fs::Permissions::from_mode(0o711))
            .doing(|| format!("change the mode of {}", self.path().display()))
    }

    /// A program whose home and caches are in this folder.
    #[must_use]
    pub fn program(&self, program: impl AsRef<Path>) -> Program {
        Program::new(program.as_ref(), &self.join("home"))
    }

    /// Leaves the folder there for whoever has to find out what happened.
    pub fn keep(mut self) {
        self.logs_are_shown = false;
        self.directory.disable_cleanup(true);
    }

    /// All logs in it: the files ending in `.log`.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        let mut logs: Vec<_> = fs::read_dir(self.path())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        logs.sort();
        logs
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.logs_are_shown {
            return;
        }
        for log in self.logs() {
            let content = fs::read(&log).unwrap_or_default();
            let text = String::from_utf8_lossy(&content);
            if !text.trim().is_empty() {
                println!("--- {} (end) ---", log.display());
                let lines: Vec<_> = text.lines().collect();
                let skipped = lines.len().saturating_sub(SHOWN_LINES);
                lines
                    .iter()
                    .skip(skipped)
                    .for_each(|line| println!("{line}"));
            }
        }
    }
}
