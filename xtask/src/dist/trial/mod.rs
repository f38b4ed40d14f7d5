//! The packages tried: installed in clean systems, used there with a real reader daemon and a phone, upgraded, removed; and the
//! steps of the server's image.

mod done;
mod image;
mod module;
mod server;
mod tree;

use std::path::Path;
use std::process::Command;

use rig::folder::Folder;

use crate::error::{Error, Result};
use crate::workspace::succeed;
use done::done;
use tree::{OF_PACKAGES, Tree};

/// Tries the packages in a folder, coming from those of an earlier version in another.
///
/// # Errors
/// The first failure.
pub fn run(packages: &Path, earlier: &Path, version: &str) -> Result {
    if !rig::postgres::is_root() {
        return Err(Error::Machine(
            "packages are installed into systems of their own: run this as root".to_owned(),
        ));
    }
    image::run()?;
    lintian(packages)?;
    for system in &OF_PACKAGES {
        let release = system.name;
        let folder = Folder::silent()?;
        let tree = Tree::of(system)?;
        // What the clean system's lists name may have gone since.
        tree.shell(&folder, "apt-get update -q")?;
        let before = tree.files()?;
        tree.bring(earlier, "earlier")?;
        tree.bring(packages, "new")?;
        tree.shell(&folder, "apt-get install -q -y /packages/earlier/*.deb")?;
        done(release, "the version before is installed")?;
        server::enrolls(&tree, &folder)?;
        done(release, "its server enrolls a phone")?;
        tree.shell(
            &folder,
            "apt-get install -q -y -o Dpkg::Options::=--force-confold /packages/new/*.deb",
        )?;
        done(release, "upgraded")?;
        server::goes_on(&tree, &folder)?;
        done(release, "the server goes on with its settings and data")?;
        server::is_whole(&tree, &folder)?;
        module::is_whole(&tree, &folder, version)?;
        done(
            release,
            "versions, man pages, completions, unit and rights are as they should be",
        )?;
        module::is_used(&tree)?;
        done(release, "p11-kit, ssh and tapcard use a card")?;

        tree.shell(&folder, "apt-get remove -q -y tapcard-enroll-server")?;
        server::is_removed(&tree)?;
        tree.shell(
            &folder,
            "apt-get purge -q -y 'tapcard*' && apt-get autoremove -q -y --purge",
        )?
        .saying(&["stay in /var/lib/tapcard"])?;
        let after = tree.files()?;
        let left: Vec<_> = after
            .symmetric_difference(&before)
            .filter(|path| !server::is_meant(path))
            .collect();
        if !left.is_empty() {
            return Err(Error::Machine(format!(
                "{release}: not as before after purge: {left:?}"
            )));
        }
        done(
            release,
            "removed and purged: the authority stays, and nothing else",
        )?;
    }
    Ok(())
}

/// Debian's own check: errors of it are failures, and the rest is shown.
fn lintian(packages: &Path) -> Result {
    let mut debs = Vec::new();
    for entry in std::fs::read_dir(packages).map_err(crate::error::doing("look for packages"))? {
        let path = entry
            .map_err(crate::error::doing("look for packages"))?
            .path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            debs.push(path);
        }
    }
    debs.sort();
    succeed(
        Command::new("lintian")
            .args([
                "--allow-root",
                "--fail-on",
                "error",
                "--tag-display-limit",
                "0",
            ])
            .args(debs),
    )
}
