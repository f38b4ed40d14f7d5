//! Fetching axe-core, the judge of the portal's accessibility, once.

use std::fs;
use std::process::Command;

use crate::error::{Error, Result, doing};
use crate::workspace::line_of;

/// What npm has to have fetched: the integrity that its registry published for this version.
const INTEGRITY: &str = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// Puts axe-core into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::axe::script().is_ok() {
        return Ok(());
    }
    let folder = rig::axe::folder()?;
    fs::create_dir_all(&folder).map_err(doing(format!("make {}", folder.display())))?;
    let mut pack = Command::new("npm");
    pack.args(["pack", "--json", &format!("axe-core@{}", rig::axe::VERSION)])
        .current_dir(&folder);
    let output = pack.output().map_err(doing("start npm"))?;
    let failed = |command: &Command, output: &std::process::Output| Error::Command {
        command: line_of(command),
        outcome: output.status.to_string(),
        hint: format!("\n{}", String::from_utf8_lossy(&output.stderr)),
    };
    if !output.status.success() {
        return Err(failed(&pack, &output));
    }
    // npm checks the archive against the integrity that it reports.
    if !String::from_utf8_lossy(&output.stdout).contains(INTEGRITY) {
        return Err(Error::Machine(format!(
            "npm has fetched another axe-core {} than the one that was chosen",
            rig::axe::VERSION
        )));
    }
    let mut unpack = Command::new("tar");
    unpack
        .args(["-xzf", &format!("axe-core-{}.tgz", rig::axe::VERSION)])
        .current_dir(&folder);
    let output = unpack.output().map_err(doing("start tar"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(&unpack, &output))
    }
}
