//! Running cargo and other commands at the top of the repository, with their output shown as it comes.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result, doing};

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs this.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo sets for this program is not meant for the programs that it builds.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end and takes anything but status 0 as a failure.
pub fn succeed(command: &mut Command) -> Result {
    let line = line_of(command);
    let status = command.status().map_err(doing(format!("start `{line}`")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Command {
            command: line,
            outcome: status.to_string(),
            hint: String::new(),
        })
    }
}

/// Removes a folder with all that is in it, if it is there.
pub fn remove(folder: &Path) -> Result {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(doing(format!("remove {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Builds all programs and the PKCS#11 module.
pub fn build() -> Result {
    let mut command = cargo();
    command.args(["build", "--workspace", "--locked"]);
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    succeed(&mut command)
}

/// A command as one would type it.
pub fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
