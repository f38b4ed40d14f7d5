//! python-pkcs11, PKCS#11 for Python programs, and its own tests, which `cargo xtask test` fetches once into the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// The version that is tested with.
pub const VERSION: &str = "0.10.1";

/// The Python that it is for: the one whose pip fetches it.
pub const PYTHON: &str = "python3";

/// The folder that holds it, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("python-pkcs11-{VERSION}")))
}

/// The same, where it has been fetched.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn folder_with_it() -> Result<PathBuf> {
    with(folder()?, &["pkcs11", "asn1crypto"])
}

/// The folder that holds its own tests and what they take beside it.
///
/// # Errors
/// When the build folder is unknown.
pub fn suite_folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("python-pkcs11-tests-{VERSION}")))
}

/// The same, where they have been fetched.
///
/// # Errors
/// [`Error::Missing`] when they have not.
pub fn suite_with_it() -> Result<PathBuf> {
    with(suite_folder()?, &["tests", "parameterized", "cryptography"])
}

fn with(folder: PathBuf, parts: &[&str]) -> Result<PathBuf> {
    if parts.iter().all(|part| folder.join(part).is_dir()) {
        Ok(folder)
    } else {
        Err(Error::Missing {
            what: folder.display().to_string(),
            remedy: "`cargo xtask test` fetches it".to_owned(),
        })
    }
}
