//! Building the programs that come as crates, which nobody here wrote.

use std::fs;

use rig::installed_crate::InstalledCrate;

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, succeed};

/// Puts those into the build folder that are not there.
pub fn ensure(wanted: &[InstalledCrate]) -> Result {
    wanted.iter().try_for_each(ensure_one)
}

fn ensure_one(wanted: &InstalledCrate) -> Result {
    if wanted.programs().is_ok() {
        return Ok(());
    }
    println!(
        "Building {} {} (minutes, once).",
        wanted.name, wanted.version
    );
    let folder = wanted.folder()?;
    let built = folder.join("target");
    succeed(
        cargo()
            .args(["install", "--locked", wanted.name])
            .args(["--version", wanted.version, "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&built),
    )?;
    // What was built on the way is a gigabyte.
    fs::remove_dir_all(&built).map_err(doing(format!("remove {}", built.display())))?;
    wanted.programs().map(drop).map_err(Error::from)
}
