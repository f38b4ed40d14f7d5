//! Where this workspace's own programs are.

use std::path::{Path, PathBuf};

use crate::error::Doing;
use crate::{Error, Result};

/// The build folder of the running program's profile, `target/debug` as a rule.
///
/// # Errors
/// When the running program's own path is unknown.
pub fn build_folder() -> Result<PathBuf> {
    let running = std::env::current_exe().doing(|| "find the running program".to_owned())?;
    let folder = running.parent().unwrap_or(Path::new("/"));
    // Tests run from target/debug/deps, programs from target/debug.
    Ok(match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    })
}

/// The built programs of a checkout: those of this one as a rule, for a comparison those of another.
#[derive(Clone, Debug)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Those beside the running program.
    ///
    /// # Errors
    /// When the running program's own path is unknown.
    pub fn own() -> Result<Self> {
        Ok(Self::in_folder(build_folder()?))
    }

    /// Those in a build folder, as `target/release`.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// A built file.
    ///
    /// # Errors
    /// [`Error::Missing`] when it has not been built.
    pub fn built(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        if path.is_file() {
            Ok(path)
        } else {
            Err(Error::Missing {
                what: path.display().to_string(),
                remedy: "build the programs first with `cargo build --workspace`, \
                         or run everything with `cargo xtask test`"
                    .to_owned(),
            })
        }
    }

    /// The virtual phone, `tapcard-phone`.
    ///
    /// # Errors
    /// As [`Binaries::built`].
    pub fn tapcard_phone(&self) -> Result<PathBuf> {
        self.built("tapcard-phone")
    }

    /// The enrollment server, `enroll-server`.
    ///
    /// # Errors
    /// As [`Binaries::built`].
    pub fn enroll_server(&self) -> Result<PathBuf> {
        self.built("enroll-server")
    }

    /// The user's command, `tapcard`.
    ///
    /// # Errors
    /// As [`Binaries::built`].
    pub fn tapcard(&self) -> Result<PathBuf> {
        self.built("tapcard")
    }

    /// The PKCS#11 module, `libtapcard_pkcs11.so`.
    ///
    /// # Errors
    /// As [`Binaries::built`].
    pub fn pkcs11_module(&self) -> Result<PathBuf> {
        self.built("libtapcard_pkcs11.so")
    }
}
