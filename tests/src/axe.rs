//! axe-core, which `cargo xtask test` fetches once into the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// The version of axe-core that judges the pages.
pub const VERSION: &str = "4.12.1";

/// The folder that holds it, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("axe-core-{VERSION}")))
}

/// axe-core's script.
///
/// # Errors
/// [`Error::Missing`] when it has not been fetched.
pub fn script() -> Result<PathBuf> {
    let script = folder()?.join("axe_playwright_python/axe.min.js");
    if script.is_file() {
        Ok(script)
    } else {
        Err(Error::Missing {
            what: script.display().to_string(),
            remedy: "`cargo xtask test` fetches it".to_owned(),
        })
    }
}
