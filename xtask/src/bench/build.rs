//! A release build: of this checkout, or of a revision that is unpacked beside it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rig::binary::Binaries;

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, root, succeed};

/// Sources and what is built of them.
#[derive(Debug)]
pub struct Build {
    name: String,
    source: PathBuf,
    target: PathBuf,
}

impl Build {
    /// Of this checkout as it is, with changes that are not committed.
    pub fn of_this_checkout() -> Self {
        Self {
            name: "here".to_owned(),
            source: root(),
            target: root().join("target"),
        }
    }

    /// Of a revision; its sources and its build stay in `target/bench` for the next time.
    pub fn of_revision(revision: &str) -> Result<Self> {
        let commit = commit_of(revision)?;
        let folder = root().join("target/bench").join(&commit);
        let source = folder.join("source");
        if !source.is_dir() {
            unpack(&commit, &folder)?;
        }
        Ok(Self {
            name: commit.chars().take(10).collect(),
            source,
            target: folder.join("target"),
        })
    }

    /// What to call it in a table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Builds programs and module.
    pub fn make(&self) -> Result {
        succeed(
            cargo()
                .current_dir(&self.source)
                .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
                .arg(&self.target),
        )
    }

    /// The built programs.
    pub fn binaries(&self) -> Binaries {
        Binaries::in_folder(self.target.join("release"))
    }

    /// The size of a built file in kB.
    #[expect(clippy::cast_precision_loss, reason = "a table for people")]
    pub fn size(&self, file: &str) -> Result<f64> {
        let path = self.binaries().built(file)?;
        let size = fs::metadata(&path)
            .map_err(doing(format!("read {}", path.display())))?
            .len();
        Ok(size as f64 / 1000.0)
    }
}

/// The commit that a revision names.
fn commit_of(revision: &str) -> Result<String> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .arg(format!("{revision}^{{commit}}"))
        .output()
        .map_err(doing("start git"))?;
    if !output.status.success() {
        return Err(Error::Machine(format!(
            "git knows no revision \"{revision}\" here; `git log` lists them"
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Unpacks a commit's files into `source` in `folder`. Half a tree never gets that name.
fn unpack(commit: &str, folder: &std::path::Path) -> Result {
    let partial = folder.join("partial");
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial).map_err(doing(format!("make {}", partial.display())))?;
    let mut archive = Command::new("git")
        .current_dir(root())
        .args(["archive", commit])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(doing("start git"))?;
    let mut tar = Command::new("tar");
    tar.arg("-x").arg("-C").arg(&partial);
    if let Some(files) = archive.stdout.take() {
        tar.stdin(files);
    }
    let unpacked = succeed(&mut tar);
    let status = archive.wait().map_err(doing("wait for git"))?;
    unpacked?;
    if !status.success() {
        return Err(Error::Machine(format!("git archive {commit}: {status}")));
    }
    let source = folder.join("source");
    fs::rename(&partial, &source).map_err(doing(format!("make {}", source.display())))
}
