//! Fetching the programs of Debian 13 that the tests run beside this machine's: unpacked in the build folder, and not
//! installed.

use std::fs;
use std::process::Command;

use rig::system::{self, DEBIAN_13, PACKAGES};

use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// The file in the tree that says of which packages it was made.
const LIST: &str = "packages";

/// Puts them there unless they are.
pub fn ensure() -> Result {
    let tree = system::tree()?;
    let (list, packages) = (tree.join(LIST), PACKAGES.join("\n"));
    let is_of_these = fs::read_to_string(&list).is_ok_and(|had| had == packages);
    if is_of_these && system::tree_with_programs().is_ok() {
        return Ok(());
    }
    // Another list's, or what an interrupted run has left: mmdebstrap takes an empty folder alone.
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(doing(format!("remove {}", tree.display())))?;
    }
    println!("Fetching programs of Debian 13 to {}", tree.display());
    succeed(
        Command::new("mmdebstrap")
            .args(["--quiet", "--variant=extract"])
            .arg(format!("--include={}", PACKAGES.join(",")))
            .arg(DEBIAN_13)
            .arg(&tree)
            .arg(mirror()?),
    )?;
    system::tree_with_programs()?;
    fs::write(&list, packages).map_err(doing(format!("write {}", list.display())))
}

/// The mirror from which this machine has its own packages.
pub fn mirror() -> Result<String> {
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(SITE) $(CODENAME)"])
        .arg("Created-By: Packages")
        .output()
        .map_err(doing("start apt-get"))?;
    let sources = String::from_utf8_lossy(&output.stdout).into_owned();
    sources
        .lines()
        .filter_map(|line| line.split_once(' '))
        // The archive itself, and not its updates: those have a dash in their name.
        .find(|(_, codename)| !codename.is_empty() && !codename.contains('-'))
        .map(|(site, _)| site.to_owned())
        .ok_or_else(|| {
            Error::Machine(
                "apt has no source of Debian's packages: see `apt-get update`".to_owned(),
            )
        })
}
