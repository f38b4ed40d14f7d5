//! Where the PKCS#11 module is that programs are to load.

use std::path::{Path, PathBuf};

use super::error::SetupError;
use super::surroundings::Surroundings;

/// Its file name.
pub const FILE_NAME: &str = "libtapcard_pkcs11.so";
/// The function by which every PKCS#11 module is entered.
const ENTRY: &[u8] = b"C_GetFunctionList";

/// The module: the one that was named, or the one beside this program, or in the usual folders.
///
/// # Errors
/// [`SetupError`] where there is none, or it is not a PKCS#11 module.
pub fn find(named: Option<&Path>, surroundings: &Surroundings) -> Result<PathBuf, SetupError> {
    let beside = std::env::current_exe().ok().and_then(|program| {
        let folder = program.parent()?;
        let near = [
            folder.join(FILE_NAME),
            folder.join("../lib").join(FILE_NAME),
        ];
        near.into_iter().find(|path| path.is_file())
    });
    let path = match named {
        Some(path) => path.to_owned(),
        None => beside
            .or_else(|| surroundings.library(&[FILE_NAME, "pkcs11/libtapcard_pkcs11.so"]))
            .ok_or(SetupError::NoModule)?,
    };
    let path = std::path::absolute(&path)
        .and_then(|path| {
            if path.is_symlink() {
                Ok(path)
            } else {
                path.canonicalize()
            }
        })
        .map_err(SetupError::file("find", &path))?;
    let content = std::fs::read(&path).map_err(SetupError::file("read", &path))?;
    let is_module = content.starts_with(b"\x7fELF")
        && content.windows(ENTRY.len()).any(|window| window == ENTRY);
    if !is_module {
        return Err(SetupError::NotAModule(path));
    }
    // Every file that names it would need another way to write such a path.
    let fits = path.to_str().is_some_and(|text| {
        !text.contains(['"', '\\', ':', '#', '%', ' ']) && !text.contains(char::is_control)
    });
    if fits {
        Ok(path)
    } else {
        Err(SetupError::OddPath(path))
    }
}
