//! A shell of somebody's, in which they type what a document says, with the programs of this build.

use std::path::Path;

use crate::Result;
use crate::folder::Folder;
use crate::own_etc::OwnEtc;
use crate::postgres::is_root;
use crate::program::Program;

/// The tests may have no `sudo`. Whoever runs them is root enough for what is theirs; only root becomes somebody else.
const SUDO: &str = r#"#!/bin/sh
# sudo [-u USER] COMMAND
if [ "$1" = -u ]; then
    user=$2
    shift 2
    if [ -n "$TRULY_ROOT" ]; then exec setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"; fi
fi
exec "$@"
"#;

/// What somebody types; it ends at the first command that fails.
///
/// # Errors
/// When the programs have not been built.
pub fn typed(folder: &Folder, script: &str) -> Result<Program> {
    typed_by(folder.program("bash"), folder, script)
}

/// As [`typed`], by somebody whose machine has another `/etc`.
///
/// # Errors
/// As [`typed`], and when nothing may be mounted here.
pub fn typed_in(etc: &OwnEtc, folder: &Folder, script: &str) -> Result<Program> {
    typed_by(etc.program(folder, "bash")?, folder, script)
}

fn typed_by(shell: Program, folder: &Folder, script: &str) -> Result<Program> {
    let tapcard = folder.binaries().tapcard()?;
    let programs = tapcard.parent().unwrap_or(Path::new("/"));
    let own = folder.subfolder("shell")?;
    folder.write_script("shell/sudo", SUDO)?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(shell
        .args(["-ec", script])
        .env("TRULY_ROOT", if is_root() { "yes" } else { "" })
        .env(
            "PATH",
            format!(
                "{}:{}:{path}:/usr/sbin:/sbin",
                own.display(),
                programs.display()
            ),
        ))
}
