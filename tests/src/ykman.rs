//! ykman, YubiKey Manager, which `cargo xtask test` fetches once into the build folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::program::Program;
use crate::stage::FreshCard;
use crate::{Error, Result};

/// The version that meets the card.
pub const VERSION: &str = "5.9.2";

/// Debian's Python, which has the other libraries that ykman takes.
pub const PYTHON: &str = "/usr/bin/python3";

/// The first of the desk's readers.
const READER: &str = "00 00";

/// The folder that holds it, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("ykman-{VERSION}")))
}

/// The same, where it has been fetched.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn folder_with_it() -> Result<PathBuf> {
    let folder = folder()?;
    if ["ykman", "fido2", "pskc"]
        .iter()
        .all(|library| folder.join(library).is_dir())
    {
        Ok(folder)
    } else {
        Err(Error::Missing {
            what: folder.display().to_string(),
            remedy: "`cargo xtask test` fetches it".to_owned(),
        })
    }
}

/// `ykman piv` on this card.
///
/// # Errors
/// [`Error::Missing`] when it has not been fetched.
pub fn piv(card: &FreshCard) -> Result<Program> {
    Ok(card
        .desk
        .client(&card.folder, PYTHON)
        .env("PYTHONPATH", folder_with_it()?)
        .args(["-m", "ykman._cli", "--reader", READER, "piv"]))
}

/// Debian's own `ykman`, as the system at the card's reader has it. Nobody has compiled the Python of a tree: what the first
/// start compiles is kept, whatever the user's Python is told.
#[must_use]
pub fn of_debian(card: &FreshCard) -> Program {
    card.desk
        .client(&card.folder, "ykman")
        .env("PYTHONDONTWRITEBYTECODE", "")
}

/// `ykman piv` of Debian's own on this card.
#[must_use]
pub fn piv_of_debian(card: &FreshCard) -> Program {
    of_debian(card).args(["--reader", READER, "piv"])
}
