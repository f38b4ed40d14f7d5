//! Building age-plugin-yubikey: a program with a library of its own for PIV cards, which nobody here wrote.

use std::fs;

use rig::age::{PLUGIN, VERSION};

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, succeed};

/// Puts it into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::age::programs().is_ok() {
        return Ok(());
    }
    println!("Building {PLUGIN} {VERSION} (minutes, once).");
    let folder = rig::age::folder()?;
    let built = folder.join("target");
    succeed(
        cargo()
            .args([
                "install",
                "--locked",
                PLUGIN,
                "--version",
                VERSION,
                "--root",
            ])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&built),
    )?;
    // What was built on the way is a gigabyte.
    fs::remove_dir_all(&built).map_err(doing(format!("remove {}", built.display())))?;
    rig::age::programs().map(drop).map_err(Error::from)
}
