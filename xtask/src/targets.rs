//! Checking that the code compiles without warnings for systems on which nothing of it can be run here.

use rig::binary::build_folder;

use crate::cross::CrossRust;
use crate::error::Result;
use crate::workspace::succeed;

/// A target, and what must compile for it.
struct Checked {
    target: &'static str,
    arguments: &'static [&'static str],
}

/// The module and the command, as people use them.
const HOST: &[&str] = &["--package", "pkcs11-module", "--package", "cli"];
/// What holds the card in an app: the phone's core, without TLS and without the program.
const PHONE: &[&str] = &["--package", "phone", "--lib", "--no-default-features"];

/// All of them.
const TARGETS: [Checked; 4] = [
    Checked {
        target: "x86_64-pc-windows-msvc",
        arguments: HOST,
    },
    Checked {
        target: "aarch64-apple-darwin",
        arguments: HOST,
    },
    Checked {
        target: "x86_64-apple-darwin",
        arguments: HOST,
    },
    Checked {
        target: "aarch64-linux-android",
        arguments: PHONE,
    },
];

/// Checks all; gives their names.
pub fn check(rust: &CrossRust) -> Result<String> {
    let built = build_folder()?.join("cross-build");
    for Checked { target, arguments } in TARGETS {
        println!("{target}");
        succeed(
            rust.clippy(target, &built)
                .arg("--quiet")
                .args(arguments)
                .args(["--", "-D", "warnings"]),
        )?;
    }
    Ok(TARGETS.map(|checked| checked.target).join(", "))
}
