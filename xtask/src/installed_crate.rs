//! Building the programs that come as crates, which nobody here wrote.

use std::fs;
use std::path::Path;

use rig::binary::build_folder;
use rig::installed_crate::InstalledCrate;

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, succeed};

/// How they are built: they run for seconds, and the best code for that would take longer to make than it saves.
const PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
];

/// Puts those into the build folder that are not there.
pub fn ensure(wanted: &[InstalledCrate]) -> Result {
    // What several of them are made of is built once, and is a gigabyte afterwards.
    let built = build_folder()?.join("installed-crates");
    for one in wanted {
        if one.programs().is_err() {
            install(one, &built)?;
        }
    }
    if built.exists() {
        fs::remove_dir_all(&built).map_err(doing(format!("remove {}", built.display())))?;
    }
    Ok(())
}

fn install(wanted: &InstalledCrate, built: &Path) -> Result {
    println!(
        "Building {} {} (minutes, once).",
        wanted.name, wanted.version
    );
    succeed(
        cargo()
            .args(["install", "--locked", wanted.name])
            .args(["--version", wanted.version, "--root"])
            .arg(wanted.folder()?)
            .arg("--target-dir")
            .arg(built)
            .envs(PROFILE),
    )?;
    wanted.programs().map(drop).map_err(Error::from)
}
