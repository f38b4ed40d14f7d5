//! Fetching the programs of Debian 13 that the tests run beside this machine's: unpacked in the build folder, and not
//! installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use rig::system::{self, DEBIAN_13, PACKAGES};

use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// The file in the tree that says of which packages it was made.
const LIST: &str = "packages";

/// Puts them there unless they are.
pub fn ensure() -> Result {
    let tree = system::tree()?;
    if system::tree_with_programs().is_err() {
        // Whatever its list says, somebody has taken a part of it away.
        drop(fs::remove_file(tree.join(LIST)));
    }
    ensure_tree(&tree, PACKAGES)?;
    system::tree_with_programs()?;
    Ok(())
}

/// Puts a tree there with these packages of Debian 13, unless it is.
pub fn ensure_tree(tree: &Path, packages: &[&str]) -> Result {
    let (list, names) = (tree.join(LIST), packages.join("\n"));
    if fs::read_to_string(&list).is_ok_and(|had| had == names) {
        return Ok(());
    }
    // Another list's, or what an interrupted run has left: mmdebstrap takes an empty folder alone.
    if tree.exists() {
        fs::remove_dir_all(tree).map_err(doing(format!("remove {}", tree.display())))?;
    }
    println!("Fetching programs of Debian 13 to {}", tree.display());
    succeed(
        Command::new("mmdebstrap")
            .args(["--quiet", "--variant=extract"])
            .arg(format!("--include={}", packages.join(",")))
            .arg(DEBIAN_13)
            .arg(tree)
            .arg(mirror()?),
    )?;
    fs::write(&list, names).map_err(doing(format!("write {}", list.display())))
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
