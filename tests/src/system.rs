//! Whose programs are run: this machine's, or those of another system in a tree, Debian 13's beside the build as a rule.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::binary::build_folder;
use crate::folder::Folder;
use crate::program::Program;
use crate::{Error, Result};

/// The name of the release.
pub const DEBIAN_13: &str = "trixie";

/// What is in the tree.
pub const PACKAGES: &[&str] = &[
    "age",
    "cryptsetup-bin",
    "curl",
    "dash",
    "expect",
    "gnutls-bin",
    "krb5-pkinit",
    "krb5-user",
    "opensc",
    "opensc-pkcs11",
    "openssh-client",
    "openssl",
    "pcscd",
    "p11-kit",
    "pkcs11-provider",
    "systemd-cryptsetup",
    "vsmartcard-vpcd",
    "ykcs11",
    "yubico-piv-tool",
    "yubikey-manager",
];

/// Runs a program in a tree: with a private /tmp, /run and the test's folder where it is outside, and this machine's
/// names of users and hosts, which ssh looks up.
const IN_TREE: &str = r#"
tree=$1 folder=$2
shift 2
mount -t tmpfs tmpfs "$tree/tmp"
mount -t tmpfs tmpfs "$tree/run"
mkdir -p "$tree/run/pcscd" "$tree$folder"
mount --bind "$folder" "$tree$folder"
mount --rbind /dev "$tree/dev"
for file in etc/passwd etc/hosts; do
    touch "$tree/$file"
    mount --bind "/$file" "$tree/$file"
done
exec chroot "$tree" "$@"
"#;

/// Runs a program where one folder stands in the place of another.
const WITH_FOLDER: &str = r#"
mount --bind "$1" "$2"
shift 2
exec "$@"
"#;

/// Whose programs are run.
#[derive(Clone, Debug)]
pub enum System {
    /// This machine's.
    ThisMachine,
    /// Those of another system.
    Tree {
        /// Where they are.
        tree: PathBuf,
        /// The arguments of `unshare` that give mounts of our own.
        mounts: &'static [&'static str],
    },
}

impl System {
    /// This machine and Debian 13.
    ///
    /// # Errors
    /// [`Error::Missing`] when Debian 13's programs have not been fetched, or when nothing may be mounted here.
    pub fn all(folder: &Folder) -> Result<[Self; 2]> {
        let tree = tree_with_programs()?;
        let mounts = private_mounts(folder)?.ok_or_else(no_mounts)?;
        Ok([Self::ThisMachine, Self::Tree { tree, mounts }])
    }

    /// The system in this tree.
    ///
    /// # Errors
    /// [`Error::Missing`] when nothing may be mounted here.
    pub fn in_tree(tree: PathBuf, folder: &Folder) -> Result<Self> {
        let mounts = private_mounts(folder)?.ok_or_else(no_mounts)?;
        Ok(Self::Tree { tree, mounts })
    }

    /// Lets a test run with the programs of each.
    ///
    /// # Errors
    /// As [`System::all`], and what the test gives.
    pub fn each(test: impl Fn(Self) -> Result) -> Result {
        for system in Self::all(&Folder::silent()?)? {
            println!("with the programs of {system:?}");
            test(system)?;
        }
        Ok(())
    }

    /// A program that finds the test's folder where it is.
    #[must_use]
    pub fn program(&self, folder: &Folder, name: &str) -> Program {
        let mut line = self.before(folder);
        line.push(name.into());
        let mut line = line.into_iter();
        let first = line.next().unwrap_or_default();
        folder.program(first).args(line)
    }

    /// As [`System::program`], where another folder stands in the place of one of the system's.
    ///
    /// # Errors
    /// [`Error::Missing`] when nothing may be mounted here.
    pub fn program_with(
        &self,
        folder: &Folder,
        other: &Path,
        place: &str,
        name: &str,
    ) -> Result<Program> {
        let mounts = private_mounts(folder)?.ok_or_else(no_mounts)?;
        let mut program = folder
            .program("unshare")
            .args(mounts)
            .args(["sh", "-ec", WITH_FOLDER, "sh"])
            .arg(other)
            .arg(self.file(place));
        program = program.args(self.before(folder));
        Ok(program.arg(name))
    }

    /// What stands before a program's name.
    pub(crate) fn before(&self, folder: &Folder) -> Vec<OsString> {
        match self {
            Self::ThisMachine => Vec::new(),
            Self::Tree { tree, mounts } => {
                let mut line = vec![OsString::from("unshare")];
                line.extend(mounts.iter().map(OsString::from));
                line.extend(["sh", "-ec", IN_TREE, "sh"].map(OsString::from));
                line.extend([tree.into(), folder.path().into()]);
                line
            }
        }
    }

    /// A file of the system.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        match self {
            Self::ThisMachine => path.into(),
            Self::Tree { tree, .. } => tree.join(path.trim_start_matches('/')),
        }
    }
}

/// The arguments of `unshare` that give mounts of our own here, if any do.
pub(crate) fn private_mounts(folder: &Folder) -> Result<Option<&'static [&'static str]>> {
    for arguments in [&["--mount"] as &[_], &["--map-root-user", "--mount"]] {
        let outcome = folder
            .program("unshare")
            .args(arguments)
            .arg("true")
            .run()?;
        if outcome.status.success() {
            return Ok(Some(arguments));
        }
    }
    Ok(None)
}

fn no_mounts() -> Error {
    Error::Missing {
        what: "a namespace of mounts".to_owned(),
        remedy: "run the tests as root, or allow namespaces of users".to_owned(),
    }
}

/// Where Debian 13's tree is, beside the build of this profile.
///
/// # Errors
/// When the build folder is unknown.
pub fn tree() -> Result<PathBuf> {
    Ok(build_folder()?.join("debian-13"))
}

/// The same, where it has been fetched.
///
/// # Errors
/// [`Error::Missing`] when it has not.
pub fn tree_with_programs() -> Result<PathBuf> {
    let tree = tree()?;
    let programs = [
        "usr/bin/age",
        "usr/bin/expect",
        "usr/bin/openssl",
        "usr/bin/p11tool",
        "usr/bin/piv-tool",
        "usr/bin/ssh",
        "usr/bin/ykman",
        "usr/bin/yubico-piv-tool",
        "usr/sbin/pcscd",
    ];
    if programs.iter().all(|program| tree.join(program).is_file()) {
        Ok(tree)
    } else {
        Err(Error::Missing {
            what: tree.display().to_string(),
            remedy: "`cargo xtask test` fetches it".to_owned(),
        })
    }
}
