//! The commit that is packaged: its time is that of every file.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Error, Result, doing};
use crate::workspace::root;

/// A commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its hash, in short.
    pub hash: String,
    /// Its time, in seconds since 1970.
    pub seconds: String,
    /// The same, as mail and Debian's changelogs have it.
    pub date: String,
}

impl Commit {
    /// The one that is checked out.
    ///
    /// # Errors
    /// Outside a checkout.
    pub fn checked_out() -> Result<Self> {
        let text = git(&["log", "-1", "--format=%h%n%ct%n%cD", "--abbrev=12"])?;
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || {
            lines
                .next()
                .ok_or_else(|| Error::Machine("git tells no commit".to_owned()))
        };
        Ok(Self {
            hash: next()?,
            seconds: next()?,
            date: next()?,
        })
    }

    /// Copies its files, and no others, into a folder that has nothing else then.
    ///
    /// # Errors
    /// Where that fails.
    pub fn copy_into(&self, other: &Path) -> Result {
        if other.exists() {
            fs::remove_dir_all(other).map_err(doing(format!("remove {}", other.display())))?;
        }
        fs::create_dir_all(other).map_err(doing(format!("make {}", other.display())))?;
        let mut archive = Command::new("git")
            .current_dir(root())
            .args([
                "-c",
                &format!("safe.directory={}", root().display()),
                "archive",
                &self.hash,
            ])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(doing("start git"))?;
        let files = archive.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let unpacked = Command::new("tar")
            .arg("--extract")
            .current_dir(other)
            .stdin(files)
            .status()
            .map_err(doing("start tar"))?;
        let archived = archive.wait().map_err(doing("wait for git"))?;
        if unpacked.success() && archived.success() {
            Ok(())
        } else {
            Err(Error::Machine(
                "the commit's files could not be copied".to_owned(),
            ))
        }
    }
}

/// Whether files differ from the commit's.
///
/// # Errors
/// Outside a checkout.
pub fn is_changed() -> Result<bool> {
    Ok(!git(&["status", "--porcelain"])?.is_empty())
}

fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(root())
        // The checkout may be somebody else's than who makes the packages.
        .args(["-c", &format!("safe.directory={}", root().display())])
        .args(arguments)
        .output()
        .map_err(doing("start git"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Machine(format!(
            "packages are made of a commit, and git says: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}
