//! The programs for Windows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::binary::build_folder;

use crate::cross::CrossRust;
use crate::error::{Result, doing};
use crate::sizes;
use crate::workspace::succeed;

/// The target whose linker is there.
const TARGET: &str = "x86_64-pc-windows-gnu";
/// The module.
pub const MODULE: &str = "tapcard_pkcs11.dll";
/// The command.
pub const COMMAND: &str = "tapcard.exe";
/// The client with which the module is tried.
pub const CLIENT: &str = "pkcs11-client.exe";

/// The built programs, without symbols.
#[derive(Debug)]
pub struct Built {
    /// As the compiler has made them.
    whole: PathBuf,
    /// Without symbols.
    stripped: PathBuf,
}

impl Built {
    /// Builds them.
    ///
    /// # Errors
    /// Where it does not build.
    pub fn make(rust: &CrossRust, release: bool) -> Result<Self> {
        let folder = build_folder()?.join("cross-build");
        let mut command = rust.cargo("build", TARGET, &folder);
        command.args(["--package", "pkcs11-module", "--package", "cli"]);
        command.args(["--package", "pkcs11-client"]);
        if release {
            // Symbols go below, so that both sizes can be told.
            command
                .arg("--release")
                .env("CARGO_PROFILE_RELEASE_STRIP", "false");
        }
        succeed(&mut command)?;
        let whole = folder
            .join(TARGET)
            .join(if release { "release" } else { "debug" });
        let stripped = whole.join("stripped");
        fs::create_dir_all(&stripped).map_err(doing(format!("make {}", stripped.display())))?;
        for name in [MODULE, COMMAND, CLIENT] {
            succeed(
                Command::new("x86_64-w64-mingw32-strip")
                    .arg("-o")
                    .args([stripped.join(name), whole.join(name)]),
            )?;
        }
        Ok(Self { whole, stripped })
    }

    /// Where they are, without symbols.
    pub fn folder(&self) -> &Path {
        &self.stripped
    }

    /// Prints how large module, command and installer are.
    ///
    /// # Errors
    /// Where they are not there.
    pub fn print_sizes(&self, installer: &Path) -> Result {
        sizes::head();
        for name in [MODULE, COMMAND] {
            sizes::program(name, &self.whole, &self.stripped)?;
        }
        sizes::package(installer)?;
        println!();
        Ok(())
    }
}
