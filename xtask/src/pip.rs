//! Files that Python packages carry, fetched by pip: by their hashes alone, and without what they depend on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// The name of the file that says what is fetched.
const REQUIREMENT: &str = "requirement.txt";

/// Python's package installer.
pub fn pip() -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]);
    pip
}

/// Fetches packages, each by a line of a requirements file with its hashes, and unpacks them in a folder, which it makes.
pub fn unpack(requirement: &str, folder: &Path) -> Result {
    write_requirement(requirement, folder)?;
    succeed(download(folder).arg("--only-binary=:all:"))?;
    for package in fetched(folder, "whl")? {
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

/// Fetches the source of a package, by a line with its hash, and unpacks it in a folder, which it makes. pip asks a source
/// what it is before it gives it away, by the tools in another folder, which [`unpack`] has filled.
pub fn unpack_source(requirement: &str, tools: &Path, folder: &Path) -> Result {
    write_requirement(requirement, folder)?;
    succeed(
        download(folder)
            .args(["--no-binary=:all:", "--no-build-isolation"])
            .env("PYTHONPATH", tools),
    )?;
    for package in fetched(folder, "gz")? {
        succeed(
            Command::new("tar")
                .current_dir(folder)
                .args(["--strip-components=1", "-xzf"])
                .arg(&package),
        )?;
    }
    Ok(())
}

fn write_requirement(requirement: &str, folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    let file = folder.join(REQUIREMENT);
    fs::write(&file, requirement).map_err(doing(format!("write {}", file.display())))
}

fn download(folder: &Path) -> Command {
    let mut pip = pip();
    pip.current_dir(folder)
        .args(["download", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--require-hashes", "--requirement"])
        .arg(REQUIREMENT);
    pip
}

fn fetched(folder: &Path, kind: &str) -> Result<Vec<PathBuf>> {
    let packages: Vec<_> = fs::read_dir(folder)
        .map_err(doing(format!("read {}", folder.display())))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == kind))
        .collect();
    if packages.is_empty() {
        return Err(Error::Machine(format!(
            "nothing was fetched to {}",
            folder.display()
        )));
    }
    Ok(packages)
}
