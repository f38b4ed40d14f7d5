//! Windows' programs, run by Wine in a Debian 13.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::binary::build_folder;
use rig::program::Program;
use rig::stage::Stage;

use crate::error::Result;

/// What is in the tree. Wine 10 is the first whose `winscard.dll` reaches pcscd.
pub const PACKAGES: &[&str] = &[
    "coreutils",
    "dash",
    "libpcsclite1",
    "opensc",
    "pcscd",
    "util-linux",
    "vsmartcard-vpcd",
    "wine",
    "wine64",
];

/// A library of mingw's that Wine's own programs load. Where Wine is installed and not unpacked only, they find it by themselves.
const LIBRARY: &str = "usr/x86_64-w64-mingw32/lib/zlib1.dll";
/// Where they find it on the disk C:.
const PLACE_OF_LIBRARY: &str = "windows/system32/zlib1.dll";

/// Numbers of processes of its own: with the program everything ends that Wine has started for it.
const ALONE: [&str; 6] = [
    "--pid",
    "--fork",
    "--kill-child",
    "--propagation",
    "unchanged",
    "--mount-proc",
];

/// Runs a program, and has Wine write down what it has in memory, as the registry.
const RUN: &str = r#"
status=0
# Wine knows pipes better than sockets.
cat | /usr/lib/wine/wine64 "$@" || status=$?
/usr/lib/wine/wineserver64 -k || true
exit $status
"#;

/// How long one program may take: Wine's own start is slow.
const LIMIT: Duration = Duration::from_secs(180);

/// Where the tree is.
///
/// # Errors
/// When the build folder is unknown.
pub fn tree() -> Result<PathBuf> {
    Ok(build_folder()?.join("debian-13-wine"))
}

/// A machine with Windows: a disk C: in the test's folder.
#[derive(Debug)]
pub struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// A new one.
    ///
    /// # Errors
    /// Where Wine makes none.
    pub fn set_up(stage: &Stage, tree: &Path) -> rig::Result<Self> {
        let wine = Self {
            prefix: stage.folder.join("windows"),
        };
        wine.bring(&tree.join(LIBRARY), PLACE_OF_LIBRARY)?;
        wine.program(stage, "wineboot").arg("--init").succeed()?;
        Ok(wine)
    }

    /// A program, by its path on the disk C: or its name.
    #[must_use]
    pub fn program(&self, stage: &Stage, path: &str) -> Program {
        let desk = &stage.desk;
        desk.client(&stage.folder, "unshare")
            .args(ALONE)
            .args(["sh", "-ec", RUN, "sh", path])
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            // Neither is asked for, and each would offer a download.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
            .time_limit(LIMIT)
    }

    /// A file of the disk C:.
    #[must_use]
    pub fn on_disk(&self, path: &str) -> PathBuf {
        self.prefix.join("drive_c").join(path)
    }

    /// Puts a file onto the disk C:.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub fn bring(&self, file: &Path, path: &str) -> rig::Result {
        let to = self.on_disk(path);
        let folder = to.parent().unwrap_or(&to);
        fs::create_dir_all(folder)
            .and_then(|()| fs::copy(file, &to))
            .map(drop)
            .map_err(|source| rig::Error::Io {
                doing: format!("copy {} to {}", file.display(), to.display()),
                source,
            })
    }
}
