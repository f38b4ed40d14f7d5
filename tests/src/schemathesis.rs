//! Schemathesis, which asks an API what its document allows and much that it does not, and which `cargo xtask test` fetches
//! once into the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// The version that is tested with.
pub const VERSION: &str = "4.32.5";

/// Its command, as Python is told to run it.
pub const COMMAND: &str = "from schemathesis.cli import schemathesis; schemathesis()";

/// The folder that holds it and what it takes, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("schemathesis-{VERSION}")))
}

/// The same, where it has been fetched.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn folder_with_it() -> Result<PathBuf> {
    let folder = folder()?;
    if ["schemathesis", "hypothesis", "requests"]
        .iter()
        .all(|part| folder.join(part).is_dir())
    {
        Ok(folder)
    } else {
        Err(Error::Missing {
            what: folder.display().to_string(),
            remedy: "`cargo xtask test` fetches it".to_owned(),
        })
    }
}
