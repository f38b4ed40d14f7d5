//! `cargo xtask sanitize`: the PKCS#11 module's own tests with AddressSanitizer and LeakSanitizer, with the stable toolchain.

use crate::error::Result;
use crate::fuzz::host;
use crate::workspace::{cargo, root, succeed};

/// Builds the module and its tests with the sanitizer, and runs them.
pub fn run() -> Result {
    succeed(
        cargo()
            .args(["test", "--package", "pkcs11-module", "--locked"])
            // The target is named so that build scripts and macros are built without the sanitizer.
            .args(["--target", &host()?])
            .args(["--no-fail-fast"])
            // The sanitizer's flag is unstable by name only; the switch for it stays in this command.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zsanitizer=address")
            .env("CARGO_TARGET_DIR", root().join("target/sanitize")),
    )
}
