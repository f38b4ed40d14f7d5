//! age-plugin-yubikey, which encrypts files to keys in the retired places, and which `cargo xtask test` builds once into
//! the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// The crate and its program.
pub const PLUGIN: &str = "age-plugin-yubikey";
/// The version that meets the card.
pub const VERSION: &str = "0.5.1";

/// Where it is installed, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("{PLUGIN}-{VERSION}")))
}

/// The folder with its program, where it has been built.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn programs() -> Result<PathBuf> {
    let programs = folder()?.join("bin");
    let program = programs.join(PLUGIN);
    if program.is_file() {
        Ok(programs)
    } else {
        Err(Error::Missing {
            what: program.display().to_string(),
            remedy: "`cargo xtask test` builds it".to_owned(),
        })
    }
}
