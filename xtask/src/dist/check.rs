//! Whether what is published can be made again, byte for byte.

use std::fs;
use std::path::Path;

use super::build::release_of;
use super::commit::Commit;
use super::layout::{BINARIES, folder};
use crate::error::{Error, Result, doing};

/// Holds two lists of sums against each other.
///
/// # Errors
/// Where they differ: says in which files.
pub fn same_sums(first: &str, second: &str) -> Result {
    let different: Vec<_> = first
        .lines()
        .zip(second.lines())
        .filter(|(first, second)| first != second)
        .map(|(first, _)| first.split_whitespace().next_back().unwrap_or(first))
        .collect();
    if different.is_empty() && first.lines().count() == second.lines().count() {
        println!("  ✓ packaged twice: the same bytes");
        Ok(())
    } else {
        Err(Error::Machine(format!(
            "packaged twice, not the same bytes: {}",
            different.join(", ")
        )))
    }
}

/// Builds the commit again, from a copy in another folder, and compares the programs.
///
/// # Errors
/// Where it does not build, or one of them differs.
pub fn same_binaries(built: &Path, commit: &Commit) -> Result {
    let other = folder().join("again/in/another/folder");
    commit.copy_into(&other)?;
    let again = release_of(&other, &folder().join("again/target"), commit)?;
    for (_, name) in BINARIES {
        let read = |folder: &Path| {
            let path = folder.join(name);
            fs::read(&path).map_err(doing(format!("read {}", path.display())))
        };
        if read(built)? != read(&again)? {
            return Err(Error::Machine(format!(
                "{name} is not the same when it is built in {}",
                other.display()
            )));
        }
        println!("  ✓ {name}, built in two folders: the same bytes");
    }
    Ok(())
}
