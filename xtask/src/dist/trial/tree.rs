//! Clean Debian systems, each in a tree beside the build, and copies of them into which packages are installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rig::binary::build_folder;
use rig::folder::Folder;
use rig::program::{Outcome, Program};

use crate::debian_13::mirror;
use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// A clean system, of which trees are copies.
#[derive(Debug)]
pub struct System {
    /// Its name.
    pub name: &'static str,
    release: &'static str,
    variant: &'static str,
    programs: &'static [&'static str],
}

/// What is there before: a reader, and the programs that use a card. What the packages depend on is left to apt.
const PROGRAMS: &[&str] = &[
    "bash-completion",
    "gnutls-bin",
    "man-db",
    "opensc",
    "opensc-pkcs11",
    "openssh-client",
    "pcscd",
    "systemd",
    "vsmartcard-vpcd",
];

/// Those on which the packages are tried: Debian 12 and 13.
pub const OF_PACKAGES: [System; 2] = [
    System {
        name: "bookworm",
        release: "bookworm",
        variant: "apt",
        programs: PROGRAMS,
    },
    System {
        name: "trixie",
        release: "trixie",
        variant: "apt",
        programs: PROGRAMS,
    },
];

/// What the server's image begins with: what `debian:bookworm-slim` is made from.
pub const OF_IMAGE: System = System {
    name: "bookworm-slim",
    release: "bookworm",
    variant: "minbase",
    programs: &[],
};

/// The file in a tree that says of what it was made.
const LIST: &str = "made-of";

/// How long apt may take.
const APT_LIMIT: Duration = Duration::from_secs(300);

/// Runs a program in a tree as on a system that was installed there, without a service manager.
const IN_TREE: &str = r#"
tree=$1
shift
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
chmod 1777 "$tree/tmp"
mount --bind /etc/resolv.conf "$tree/etc/resolv.conf"
exec chroot "$tree" "$@"
"#;

/// What changes with every installation and belongs to nobody's package.
const BOOKKEEPING: [&str; 9] = [
    "dev",
    "etc/hosts",
    "etc/ld.so.cache",
    "home",
    "packages",
    "proc",
    "run",
    "tmp",
    "var/cache",
];
/// The same, in `/var`.
const RECORDS: [&str; 4] = ["var/lib/apt", "var/lib/dpkg", "var/lib/systemd", "var/log"];

/// A system with packages of ours.
#[derive(Debug)]
pub struct Tree {
    path: PathBuf,
}

impl Tree {
    /// A clean one.
    ///
    /// # Errors
    /// Where there is none, or it cannot be copied.
    pub fn of(system: &System) -> Result<Self> {
        let clean = clean(system)?;
        let path = build_folder()?.join(format!("trial-{}", system.name));
        // What a trial has left that was killed.
        if path.exists() {
            fs::remove_dir_all(&path).map_err(doing(format!("remove {}", path.display())))?;
        }
        let tree = Self { path };
        succeed(
            Command::new("cp")
                .args(["--archive", "--reflink=auto"])
                .args([&clean, &tree.path]),
        )?;
        Ok(tree)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts packages where [`Tree::program`] finds them.
    ///
    /// # Errors
    /// Where they cannot be copied.
    pub fn bring(&self, packages: &Path, name: &str) -> Result {
        let folder = self.path.join("packages").join(name);
        fs::create_dir_all(&folder).map_err(doing(format!("make {}", folder.display())))?;
        let entries = fs::read_dir(packages).map_err(doing("look for packages"))?;
        for entry in entries {
            let file = entry.map_err(doing("look for packages"))?.path();
            if file.extension().is_some_and(|ending| ending == "deb") {
                let name = file.file_name().unwrap_or_default();
                fs::copy(&file, folder.join(name))
                    .map_err(doing(format!("copy {}", file.display())))?;
            }
        }
        Ok(())
    }

    /// A program of the system, which sees the system alone, as root.
    pub fn program(&self, folder: &Folder, name: &str) -> Program {
        folder
            .program("unshare")
            .args(["--mount", "sh", "-ec", IN_TREE, "sh"])
            .arg(&self.path)
            .arg(name)
    }

    /// A line of the system's shell.
    ///
    /// # Errors
    /// Where it fails.
    pub fn shell(&self, folder: &Folder, line: &str) -> Result<Outcome> {
        self.program(folder, "sh")
            .args(["-ec", line])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .time_limit(APT_LIMIT)
            .succeed()
            .map_err(Error::from)
    }

    /// All its files and folders, beside the system's own bookkeeping.
    ///
    /// # Errors
    /// Where they cannot be listed.
    pub fn files(&self) -> Result<BTreeSet<PathBuf>> {
        let mut files = BTreeSet::new();
        let mut folders = vec![self.path.clone()];
        while let Some(folder) = folders.pop() {
            let entries =
                fs::read_dir(&folder).map_err(doing(format!("list {}", folder.display())))?;
            for entry in entries {
                let entry = entry.map_err(doing(format!("list {}", folder.display())))?;
                let path = entry.path();
                let inside = path.strip_prefix(&self.path).unwrap_or(&path).to_owned();
                if BOOKKEEPING
                    .iter()
                    .chain(&RECORDS)
                    .any(|place| inside.starts_with(place))
                {
                    continue;
                }
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                }
                files.insert(inside);
            }
        }
        Ok(files)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Mounts were in namespaces that have ended.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A clean system, made once.
fn clean(system: &System) -> Result<PathBuf> {
    let System {
        name,
        release,
        variant,
        programs,
    } = system;
    let tree = build_folder()?.join(format!("clean-{name}"));
    let (list, made_of) = (tree.join(LIST), programs.join("\n"));
    if fs::read_to_string(&list).is_ok_and(|had| had == made_of) {
        return Ok(tree);
    }
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(doing(format!("remove {}", tree.display())))?;
    }
    println!("Making a clean {name} in {}", tree.display());
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--mode=root", &format!("--variant={variant}")])
        // apt in the copies begins with its lists.
        .arg("--skip=cleanup/apt/lists");
    if !programs.is_empty() {
        make.arg(format!("--include={}", programs.join(",")));
    }
    succeed(make.arg(release).arg(&tree).arg(mirror()?))?;
    fs::write(&list, made_of).map_err(doing(format!("write {}", list.display())))?;
    Ok(tree)
}
