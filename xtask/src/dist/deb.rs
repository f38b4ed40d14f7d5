//! Packages for Debian and its relatives.

use std::path::Path;
use std::process::Command;

use rig::installed_crate::CARGO_DEB;

use super::commit::Commit;
use super::layout::{Kind, Package};
use crate::error::Result;
use crate::workspace::{root, succeed};

/// Makes a package of what is on the stage, and puts it into a folder.
///
/// # Errors
/// Where cargo-deb is missing or refuses.
pub fn make(package: Package, version: &str, commit: &Commit, folder: &Path) -> Result {
    let multiarch = match package.kind {
        Kind::Library => "same",
        Kind::Program => "none",
    };
    succeed(
        Command::new(CARGO_DEB.program()?)
            .current_dir(root())
            .args(["--no-build", "--quiet", "--offline", "--locked"])
            .args(["--package", package.of_crate, "--multiarch", multiarch])
            .args(["--deb-version", version, "--output"])
            .arg(folder)
            .env("SOURCE_DATE_EPOCH", &commit.seconds),
    )
}
