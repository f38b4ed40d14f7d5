//! The build that is packaged: the release, without the paths of this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::commit::Commit;
use super::layout::{PACKAGES, folder};
use crate::error::Result;
use crate::workspace::{cargo, root, succeed};

/// Builds what is packaged; gives the folder in which it is then.
///
/// # Errors
/// Where it does not build.
pub fn release(commit: &Commit) -> Result<PathBuf> {
    let built = folder().join("build");
    release_of(&root(), &built, commit)
}

/// The same of another checkout, into another folder.
///
/// # Errors
/// Where it does not build.
pub fn release_of(checkout: &Path, built: &Path, commit: &Commit) -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    // The last one that fits counts.
    let paths = [
        (home.as_path(), "/cargo"),
        (checkout, "/tapcard"),
        (built, "/tapcard/target"),
    ];
    let mapped = |option: &str, between: &str| {
        let mut text = OsString::new();
        for (path, name) in paths {
            if !text.is_empty() {
                text.push(between);
            }
            text.push(option);
            text.push(path);
            text.push("=");
            text.push(name);
        }
        text
    };
    let mut command = cargo();
    command
        .current_dir(checkout)
        .args(["build", "--release", "--locked", "--package", "manual"])
        .args(PACKAGES.map(|package| format!("--package={}", package.of_crate)))
        .env("CARGO_TARGET_DIR", built)
        .env("CARGO_INCREMENTAL", "0")
        // Symbols go on the stage, so that both sizes can be told.
        .env("CARGO_PROFILE_RELEASE_STRIP", "false")
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            mapped("--remap-path-prefix=", "\u{1f}"),
        )
        .env("CFLAGS", mapped("-ffile-prefix-map=", " "))
        .env("SOURCE_DATE_EPOCH", &commit.seconds);
    succeed(&mut command)?;
    Ok(built.join("release"))
}
