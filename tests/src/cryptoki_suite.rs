//! The `cryptoki` crate's own tests of a PKCS#11 module, which `cargo xtask test` builds once into the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// The version of the crate: the one that our own tests are clients by.
pub const VERSION: &str = "0.12.1";

/// Its programs, each from a file of its tests.
pub const PROGRAMS: [&str; 6] = [
    "allowed_mechanisms",
    "basic",
    "ml_dsa",
    "ml_kem",
    "slh_dsa",
    "wycheproof",
];

/// The folder that holds them, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("cryptoki-tests-{VERSION}")))
}

/// One of them.
///
/// # Errors
/// [`Error::Missing`] when it has not been built.
pub fn program(name: &str) -> Result<PathBuf> {
    let program = folder()?.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(Error::Missing {
            what: program.display().to_string(),
            remedy: "`cargo xtask test` builds it".to_owned(),
        })
    }
}
