//! Which packages there are, and where they are made.

use std::path::PathBuf;

use crate::workspace::root;

/// A package for Linux, described in its crate's manifest.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// The crate whose manifest says what is in it.
    pub of_crate: &'static str,
    /// That crate's folder.
    pub folder: &'static str,
    /// Whether it is a library, which Debian can install for several architectures side by side.
    pub kind: Kind,
}

/// What a package is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A library that programs load.
    Library,
    /// A program.
    Program,
}

/// All of them.
pub const PACKAGES: [Package; 3] = [
    Package {
        name: "tapcard-pkcs11",
        of_crate: "pkcs11-module",
        folder: "pkcs11-module",
        kind: Kind::Library,
    },
    Package {
        name: "tapcard",
        of_crate: "cli",
        folder: "cli",
        kind: Kind::Program,
    },
    Package {
        name: "tapcard-enroll-server",
        of_crate: "enroll-server",
        folder: "enroll-server/web",
        kind: Kind::Program,
    },
];

/// The programs and libraries that are packaged: where each is below the stage, by its name.
pub const BINARIES: [(&str, &str); 3] = [
    ("lib", "libtapcard_pkcs11.so"),
    ("bin", "tapcard"),
    ("bin", "enroll-server"),
];

/// The version of this workspace, with which the packages are made.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the packages are.
pub fn folder() -> PathBuf {
    root().join("target/dist")
}

/// Where their content is put together: the manifests name it from there.
pub fn stage() -> PathBuf {
    folder().join("stage")
}
