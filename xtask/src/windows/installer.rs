//! The installer (MSI), made by `wixl`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::build::Built;
use crate::error::{Result, doing};
use crate::workspace::{root, succeed};

/// What it is made of, beside the programs.
const FILES: [&str; 3] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "packaging/windows/tapcard.wxs",
];
/// The one of them that says so.
const DESCRIPTION: &str = "tapcard.wxs";
/// Its name.
pub const NAME: &str = "tapcard.msi";

/// Makes it beside the programs.
///
/// # Errors
/// Where it cannot be made.
pub fn make(built: &Built) -> Result<PathBuf> {
    let folder = built.folder();
    // wixl takes files by their names alone.
    for file in FILES {
        let from = root().join(file);
        let to = folder.join(from.file_name().unwrap_or_default());
        fs::copy(&from, &to).map_err(doing(format!("copy {}", from.display())))?;
    }
    succeed(
        Command::new("wixl")
            .args(["-a", "x64", "-o", NAME, "-D"])
            .arg(format!("Version={}", env!("CARGO_PKG_VERSION")))
            .arg(DESCRIPTION)
            .current_dir(folder),
    )?;
    Ok(folder.join(NAME))
}
