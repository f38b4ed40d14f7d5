//! OpenSC with PIV secure messaging, which Debian's builds leave out: `cargo xtask test` builds it once into the build
//! folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::program::Program;
use crate::stage::FreshCard;
use crate::{Error, Result};

/// The version that meets the card, Debian 13's.
pub const VERSION: &str = "0.26.1";

/// The folder that it is installed in, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn folder() -> Result<PathBuf> {
    Ok(build_folder()?.join(format!("opensc-secure-messaging-{VERSION}")))
}

/// Its `pkcs11-tool`, where it has been built: the last of all that is installed.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn tool() -> Result<PathBuf> {
    let tool = folder()?.join("bin/pkcs11-tool");
    if tool.is_file() {
        Ok(tool)
    } else {
        Err(Error::Missing {
            what: tool.display().to_string(),
            remedy: "`cargo xtask test` builds it".to_owned(),
        })
    }
}

/// `pkcs11-tool` with the module of the same build, on this card.
///
/// # Errors
/// [`Error::Missing`] when it has not been built.
pub fn pkcs11_tool(card: &FreshCard) -> Result<Program> {
    let module = folder()?.join("lib/opensc-pkcs11.so");
    Ok(card
        .folder
        .program(tool()?)
        .envs(card.desk.pcsc.environment())
        .arg("--module")
        .arg(module))
}
