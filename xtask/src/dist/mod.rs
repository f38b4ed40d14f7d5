//! `cargo xtask dist`: packages for Linux, of a release build or of the build that this command belongs to.

mod build;
mod check;
mod commit;
mod deb;
mod layout;
mod rpm;
mod sbom;
mod stage;
mod sums;
mod trial;

use std::fs;
use std::path::Path;

use clap::Args;
use rig::binary::build_folder;
use rig::installed_crate::PACKAGERS;

use crate::error::{Result, doing};
use crate::interrupt::Interrupt;
use crate::{debian, installed_crate, sizes, workspace};
use commit::Commit;
use layout::{BINARIES, PACKAGES, VERSION};

/// The version from which the trial upgrades.
const EARLIER: &str = "0.0.1-1";

/// Options of `cargo xtask dist`.
#[derive(Args, Debug)]
pub struct Options {
    /// Package the debug build instead of making a release build
    #[arg(long)]
    debug: bool,
    /// Then make them a second time and compare all bytes, and without --debug also build again in another folder
    #[arg(long)]
    check: bool,
    /// Then install them in a clean Debian 12 and 13, use, upgrade and purge them (as root; minutes the first time)
    #[arg(long)]
    test: bool,
}

/// Makes the packages, and does what else was asked for.
///
/// # Errors
/// The first failure.
pub fn run(options: &Options) -> Result {
    let _interrupt = Interrupt::watch()?;
    debian::ensure_for_packages()?;
    installed_crate::ensure(&PACKAGERS)?;
    let commit = Commit::checked_out()?;
    if commit::is_changed()? {
        println!(
            "Files differ from commit {}: packages for trying alone.",
            commit.hash
        );
    }
    let built = if options.debug {
        workspace::build()?;
        build_folder()?
    } else {
        build::release(&commit)?
    };
    stage::fill(&built, &commit)?;
    let folder = layout::folder();
    let version = format!("{VERSION}-1");
    let sums = publish(&version, &commit, &folder)?;
    println!("The packages are in {}", folder.display());
    print_sizes(&built, &folder)?;
    if options.check {
        let again = publish(&version, &commit, &folder.join("twice"))?;
        check::same_sums(&sums, &again)?;
        if !options.debug {
            check::same_binaries(&built, &commit)?;
        }
    }
    if options.test {
        let earlier = folder.join("earlier");
        debs(EARLIER, &commit, &earlier)?;
        // The phone, and a server to enroll it.
        workspace::build()?;
        trial::run(&folder, &earlier, &version)?;
    }
    Ok(())
}

/// Makes all packages of what is on the stage, what they are made of, and all sums, in a folder that has no others then; gives the sums.
fn publish(version: &str, commit: &Commit, folder: &Path) -> Result<String> {
    debs(version, commit, folder)?;
    for package in PACKAGES {
        rpm::make(package, version, commit, folder)?;
    }
    sbom::write(commit, folder)?;
    sums::write(folder)
}

/// Prints how large programs and packages are.
fn print_sizes(built: &Path, folder: &Path) -> Result {
    sizes::head();
    for (place, name) in BINARIES {
        sizes::program(name, built, &layout::stage().join(place))?;
    }
    let entries = fs::read_dir(folder).map_err(doing(format!("list {}", folder.display())))?;
    let mut packages: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "deb" || ending == "rpm")
        })
        .collect();
    packages.sort();
    packages.iter().try_for_each(|path| sizes::package(path))?;
    println!();
    Ok(())
}

/// Makes packages for Debian, in a folder that has no files beside them then.
fn debs(version: &str, commit: &Commit, folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    let entries = fs::read_dir(folder).map_err(doing(format!("list {}", folder.display())))?;
    for entry in entries {
        let path = entry
            .map_err(doing(format!("list {}", folder.display())))?
            .path();
        if path.is_file() {
            fs::remove_file(&path).map_err(doing(format!("remove {}", path.display())))?;
        }
    }
    for package in PACKAGES {
        deb::make(package, version, commit, folder)?;
    }
    Ok(())
}
