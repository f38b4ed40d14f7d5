//! Packages for Fedora, openSUSE and their relatives.

use std::path::Path;
use std::process::Command;

use rig::installed_crate::CARGO_GENERATE_RPM;

use super::commit::Commit;
use super::layout::Package;
use crate::error::Result;
use crate::workspace::{root, succeed};

/// Makes a package of what is on the stage, and puts it into a folder.
///
/// # Errors
/// Where cargo-generate-rpm is missing or refuses.
pub fn make(package: Package, version: &str, commit: &Commit, folder: &Path) -> Result {
    let (version, release) = version.split_once('-').unwrap_or((version, "1"));
    succeed(
        Command::new(CARGO_GENERATE_RPM.program()?)
            .current_dir(root())
            .args(["--package", package.folder, "--auto-req", "builtin"])
            .args(["--source-date", &commit.seconds])
            .arg("--set-metadata")
            .arg(format!("version = \"{version}\"\nrelease = \"{release}\""))
            .arg("--output")
            .arg(folder)
            // It would look for the stage there.
            .env_remove("CARGO_TARGET_DIR"),
    )
}
