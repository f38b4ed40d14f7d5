//! The module and the command as they are installed, and in use.

use std::path::{Path, PathBuf};

use rig::folder::Folder;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::sshd::Sshd;
use rig::stage::{HOLDER, Stage};
use rig::system::System;

use super::tree::Tree;
use crate::error::{Error, Result};

/// What each shell looks for, and what it must say.
const COMPLETIONS: [(&str, &str); 3] = [
    (
        "usr/share/bash-completion/completions/tapcard",
        "complete -F",
    ),
    (
        "usr/share/zsh/vendor-completions/_tapcard",
        "#compdef tapcard",
    ),
    (
        "usr/share/fish/vendor_completions.d/tapcard.fish",
        "complete -c tapcard",
    ),
];

/// The command answers, its manual can be read, and shells complete it.
///
/// # Errors
/// Where one of them is not so.
pub fn is_whole(tree: &Tree, folder: &Folder, version: &str) -> Result {
    tree.shell(folder, "tapcard --version")?
        .saying(&[&format!("tapcard {}", env!("CARGO_PKG_VERSION"))])?;
    tree.shell(folder, "dpkg-query --show tapcard tapcard-pkcs11")?
        .saying(&[version])?;
    tree.shell(folder, "MANPAGER=cat man tapcard")?.saying(&[
        "tapcard-pin(1)",
        "EXAMPLES",
        "tapcard doctor",
    ])?;
    tree.shell(folder, "MANPAGER=cat man tapcard-pin-change")?
        .saying(&["--new-pin-file"])?;
    tree.shell(
        folder,
        "bash -ec '. /usr/share/bash-completion/completions/tapcard; complete -p tapcard'",
    )?;
    for (file, words) in COMPLETIONS {
        let text = std::fs::read_to_string(tree.path().join(file)).unwrap_or_default();
        if !text.contains(words) {
            return Err(Error::Machine(format!("{file} does not say {words:?}")));
        }
    }
    Ok(())
}

/// A phone at a reader is seen by p11-kit without any setting, ssh logs in with it, and `tapcard` finds nothing wrong.
///
/// # Errors
/// Where one of them is not so.
pub fn is_used(tree: &Tree) -> Result {
    let folder = Folder::silent()?;
    let system = System::in_tree(tree.path().to_owned(), &folder)?;
    let stage = Stage::of_system_in(folder, system, Profile::Standard)?;
    let program = |name: &str| stage.module.program(&stage.folder, name);
    program("p11-kit")
        .arg("list-modules")
        .succeed()?
        .saying(&["libtapcard_pkcs11.so", HOLDER])?;
    stage.module.was_used()?;
    program("tapcard")
        .arg("list")
        .succeed()?
        .saying(&[HOLDER])?;
    program("tapcard").arg("doctor").succeed()?;

    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let login = |module: &Path| -> Result {
        sshd.login_through(program("ssh"), &stage.folder, module, PIN)?
            .succeed()?
            .saying(&["hello from"])?;
        stage.module.was_used()?;
        Ok(())
    };
    login(&library(tree, "pkcs11/libtapcard_pkcs11.so")?)?;

    // OpenSC's module is installed too: the card is there twice, until it is told that once is enough.
    let times_shown = || -> Result<usize> {
        let tokens = program("p11tool").arg("--list-token-urls").succeed()?;
        let name = HOLDER.split(' ').next().unwrap_or(HOLDER);
        Ok(tokens
            .text()
            .lines()
            .filter(|url| url.contains(name))
            .count())
    };
    let setup = |action| {
        program("tapcard")
            .args(["setup", "p11-kit", action])
            .succeed()
    };
    let twice = times_shown()?;
    setup("--apply")?;
    let once = times_shown()?;
    login(&library(tree, "p11-kit-proxy.so")?)?;
    setup("--undo")?;
    let again = times_shown()?;
    if (twice, once, again) == (2, 1, 2) {
        Ok(())
    } else {
        Err(Error::Machine(format!(
            "p11-kit showed the card {twice} times, {once} after `tapcard setup p11-kit --apply`, {again} after --undo"
        )))
    }
}

/// A library of the tree's, by its path there.
fn library(tree: &Tree, name: &str) -> Result<PathBuf> {
    let inside = Path::new("/usr/lib")
        .join(format!("{}-linux-gnu", std::env::consts::ARCH))
        .join(name);
    let outside = tree
        .path()
        .join(inside.strip_prefix("/").unwrap_or(&inside));
    if outside.symlink_metadata().is_ok() {
        Ok(inside)
    } else {
        Err(Error::Machine(format!(
            "{} is not there",
            outside.display()
        )))
    }
}
