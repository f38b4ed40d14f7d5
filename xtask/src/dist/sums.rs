//! SHA-256 of all that is published, in a file as sha256sum(1) checks it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result, doing};

/// The file.
const NAME: &str = "SHA256SUMS";

/// Writes the sums of all files in a folder; gives them.
///
/// # Errors
/// Where they cannot be read or written.
pub fn write(folder: &Path) -> Result<String> {
    let mut names = Vec::new();
    let entries = fs::read_dir(folder).map_err(doing(format!("list {}", folder.display())))?;
    for entry in entries {
        let entry = entry.map_err(doing(format!("list {}", folder.display())))?;
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name() != NAME {
            names.push(entry.file_name());
        }
    }
    names.sort();
    let output = Command::new("sha256sum")
        .current_dir(folder)
        .arg("--")
        .args(&names)
        .output()
        .map_err(doing("start sha256sum"))?;
    if !output.status.success() {
        return Err(Error::Machine(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    let path = folder.join(NAME);
    fs::write(&path, &output.stdout).map_err(doing(format!("write {}", path.display())))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
