//! Programs of others that come as crates, each of which `cargo xtask test` or `cargo xtask dist` builds once into the build
//! folder.

use std::path::PathBuf;

use crate::binary::build_folder;
use crate::{Error, Result};

/// A crate with a program of its name.
#[derive(Clone, Copy, Debug)]
pub struct InstalledCrate {
    /// Its name.
    pub name: &'static str,
    /// The version that is tested with.
    pub version: &'static str,
}

/// Encrypts files to keys in a card's retired places, for `age`.
pub const AGE_PLUGIN: InstalledCrate = InstalledCrate {
    name: "age-plugin-yubikey",
    version: "0.5.1",
};

/// Drives Firefox.
pub const GECKODRIVER: InstalledCrate = InstalledCrate {
    name: "geckodriver",
    version: "0.37.1",
};

/// Makes packages for Debian.
pub const CARGO_DEB: InstalledCrate = InstalledCrate {
    name: "cargo-deb",
    version: "3.8.0",
};

/// Makes packages for Fedora and openSUSE.
pub const CARGO_GENERATE_RPM: InstalledCrate = InstalledCrate {
    name: "cargo-generate-rpm",
    version: "0.21.1",
};

/// Writes what a package is made of.
pub const CARGO_CYCLONEDX: InstalledCrate = InstalledCrate {
    name: "cargo-cyclonedx",
    version: "0.5.9",
};

/// Those that the tests take.
pub const OF_TESTS: [InstalledCrate; 2] = [AGE_PLUGIN, GECKODRIVER];

/// Those that `cargo xtask dist` takes.
pub const PACKAGERS: [InstalledCrate; 3] = [CARGO_DEB, CARGO_GENERATE_RPM, CARGO_CYCLONEDX];

impl InstalledCrate {
    /// Where it is installed, beside the build of this profile.
    ///
    /// # Errors
    /// When the build folder is unknown.
    pub fn folder(&self) -> Result<PathBuf> {
        Ok(build_folder()?.join(format!("{}-{}", self.name, self.version)))
    }

    /// The folder with its program, where it has been built.
    ///
    /// # Errors
    /// [`Error::Missing`] when it has not.
    pub fn programs(&self) -> Result<PathBuf> {
        let programs = self.folder()?.join("bin");
        let program = programs.join(self.name);
        if program.is_file() {
            Ok(programs)
        } else {
            Err(Error::Missing {
                what: program.display().to_string(),
                remedy:
                    "`cargo xtask test` builds it, or `cargo xtask dist` where it makes packages"
                        .to_owned(),
            })
        }
    }

    /// Its program.
    ///
    /// # Errors
    /// As [`InstalledCrate::programs`].
    pub fn program(&self) -> Result<PathBuf> {
        Ok(self.programs()?.join(self.name))
    }
}
