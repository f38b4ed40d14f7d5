//! What goes into the packages, put together: programs without symbols, man pages, completions, changelogs.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::commit::Commit;
use super::layout::{BINARIES, PACKAGES, VERSION, stage};
use crate::error::{Result, doing};
use crate::workspace::{root, succeed};

/// Whose packages they are, as the manifests say.
const MAINTAINER: &str = "The Tapcard authors <packages@tapcard.invalid>";

/// Texts that packages have as they are. Copied, they are younger than the commit, whose time packagers then give them.
const TEXTS: [&str; 13] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/doctor.md",
    "docs/enroll-server.md",
    "docs/operations.md",
    "docs/pkcs11-module.md",
    "docs/tapcard.md",
    "packaging/p11-kit/tapcard.module",
    "packaging/systemd/enroll-server.conf",
    "packaging/systemd/tapcard-enroll-server.service",
    "packaging/systemd/tapcard-enroll-server.socket",
    "packaging/systemd/tapcard-enroll-server.sysusers",
    "packaging/systemd/tapcard-enroll-server.tmpfiles",
];

/// Puts the content of all packages together, of the programs in a build folder.
///
/// # Errors
/// Where something is not built, or cannot be written.
pub fn fill(built: &Path, commit: &Commit) -> Result {
    let stage = stage();
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(doing(format!("remove {}", stage.display())))?;
    }
    for (folder, name) in BINARIES {
        let folder = stage.join(folder);
        fs::create_dir_all(&folder).map_err(doing(format!("make {}", folder.display())))?;
        succeed(
            Command::new("strip")
                .arg("--strip-unneeded")
                .arg("-o")
                .args([folder.join(name), built.join(name)]),
        )?;
    }
    succeed(Command::new(built.join("manual")).arg(stage.join("manual")))?;
    texts(&stage.join("text"))?;
    changelogs(&stage.join("changelog"), commit)
}

fn texts(folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    for text in TEXTS {
        let from = root().join(text);
        let name = from.file_name().unwrap_or_default();
        fs::copy(&from, folder.join(name)).map_err(doing(format!("copy {}", from.display())))?;
    }
    Ok(())
}

/// A changelog for each package, as Debian wants one: what it was made of.
fn changelogs(folder: &Path, commit: &Commit) -> Result {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    for package in PACKAGES {
        let path = folder.join(package.name);
        let text = format!(
            "{} ({VERSION}-1) unstable; urgency=medium\n\n  * Made of commit {}.\n\n -- {MAINTAINER}  {}\n",
            package.name, commit.hash, commit.date
        );
        fs::write(&path, text).map_err(doing(format!("write {}", path.display())))?;
    }
    Ok(())
}
