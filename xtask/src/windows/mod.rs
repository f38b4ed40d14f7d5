//! `cargo xtask test windows`: the module, the command and the installer for Windows, built here and tried under Wine.

mod build;
mod client;
mod installer;
mod trial;
mod wine;

use std::time::Instant;

use clap::Args;

use crate::cross::CrossRust;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::story::{seconds, tell};
use crate::{debian, debian_13, targets, workspace};
use build::Built;

/// Options of `cargo xtask test windows`.
#[derive(Args, Debug)]
pub struct Options {
    /// Build and try the release (minutes longer)
    #[arg(long)]
    release: bool,
}

/// Builds everything and tries it; the first failure ends it.
///
/// # Errors
/// The first failure.
pub fn run(options: &Options) -> Result {
    if !rig::postgres::is_root() {
        return Err(Error::Machine(
            "Wine runs in a system of its own, in mounts of its own: run this as root".to_owned(),
        ));
    }
    let _interrupt = Interrupt::watch()?;
    let whole = Instant::now();

    let start = Instant::now();
    let packages = debian::ensure_for_windows()?;
    let rust = CrossRust::ensure()?;
    let tree = wine::tree()?;
    debian_13::ensure_tree(&tree, wine::PACKAGES)?;
    tell(
        "Tools",
        &format!("{packages} Debian packages installed; Rust's source, mingw and Wine are there"),
        start,
    );

    let start = Instant::now();
    let built = Built::make(&rust, options.release)?;
    tell("Windows", "module, command and a client", start);

    let start = Instant::now();
    let installer = installer::make(&built)?;
    tell("Installer", &installer.display().to_string(), start);
    built.print_sizes(&installer)?;

    let start = Instant::now();
    workspace::build()?;
    tell("Build", "phone and server of this machine", start);

    trial::run(&tree, &built, &installer)?;

    let start = Instant::now();
    let checked = targets::check(&rust)?;
    tell("Check", &format!("{checked}: no warnings"), start);
    println!("\nAll good, in {}.", seconds(whole));
    Ok(())
}
