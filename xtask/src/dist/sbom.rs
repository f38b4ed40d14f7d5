//! Software bills of materials: what each package is made of, crate by crate, as CycloneDX has it.

use std::fs;
use std::path::Path;
use std::process::Command;

use rig::installed_crate::CARGO_CYCLONEDX;

use super::commit::Commit;
use super::layout::{PACKAGES, folder};
use crate::error::{Result, doing};
use crate::workspace::succeed;

/// The version of CycloneDX's format.
const FORMAT_VERSION: &str = "1.5";

/// Writes one for each package into a folder: `NAME.cdx.json`.
///
/// # Errors
/// Where cargo-cyclonedx is missing or refuses.
pub fn write(commit: &Commit, into: &Path) -> Result {
    // It writes beside every manifest: into a copy.
    let copy = folder().join("sbom");
    commit.copy_into(&copy)?;
    let name = "sbom";
    succeed(
        Command::new(CARGO_CYCLONEDX.program()?)
            .current_dir(&copy)
            .args(["cyclonedx", "--quiet", "--all", "--format", "json"])
            .args(["--spec-version", FORMAT_VERSION])
            .args(["--override-filename", name])
            .env("SOURCE_DATE_EPOCH", &commit.seconds)
            .env("CARGO_NET_OFFLINE", "true"),
    )?;
    for package in PACKAGES {
        let made = copy.join(package.folder).join(format!("{name}.json"));
        let text = fs::read_to_string(&made).map_err(doing(format!("read {}", made.display())))?;
        // Crates of this workspace are named by where they were.
        let text = text.replace(&copy.display().to_string(), "/tapcard");
        let path = into.join(format!("{}.cdx.json", package.name));
        fs::write(&path, text).map_err(doing(format!("write {}", path.display())))?;
    }
    Ok(())
}
