//! Rust for other systems: Debian's own compiler and the standard library's source, unpacked in the build folder and not
//! installed, since they would take the place of a Rust that is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::binary::build_folder;

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, root, succeed};

/// The compiler, its lints, and the source of the standard library. All are of one version: Debian makes them for web browsers.
const WANTED: [&str; 3] = ["rustc-web", "rust-web-clippy", "rust-web-src"];
/// Which of the packages that those depend on a machine may lack.
const BROUGHT_ALONG: [&str; 2] = ["libstd-rust-web", "libllvm"];
/// What is needed of the source, which is large.
const OF_SOURCE: [&str; 2] = ["./usr/src/*/library/*", "./usr/lib/rustlib/src/*"];
/// The file that says of which packages it was unpacked.
const LIST: &str = "packages";

/// A compiler that builds the standard library with the program.
#[derive(Debug)]
pub struct CrossRust {
    folder: PathBuf,
}

impl CrossRust {
    /// Fetches it, unless it is there.
    ///
    /// # Errors
    /// Where Debian has no such packages, or they cannot be fetched.
    pub fn ensure() -> Result<Self> {
        let rust = Self {
            folder: build_folder()?.join("cross-rust"),
        };
        let packages = packages()?;
        let (list, names) = (rust.folder.join(LIST), packages.join("\n"));
        if fs::read_to_string(&list).is_ok_and(|had| had == names) {
            return Ok(rust);
        }
        println!("Fetching Rust's standard library as source, and a compiler of its version");
        if rust.folder.exists() {
            fs::remove_dir_all(&rust.folder).map_err(doing("remove an older Rust"))?;
        }
        let debs = rust.folder.join("debs");
        fs::create_dir_all(&debs).map_err(doing(format!("make {}", debs.display())))?;
        succeed(
            Command::new("apt-get")
                .args(["download", "-q", "-o", "APT::Sandbox::User="])
                .args(&packages)
                .current_dir(&debs),
        )?;
        for entry in fs::read_dir(&debs).map_err(doing("look for packages"))? {
            let deb = entry.map_err(doing("look for packages"))?.path();
            unpack(&deb, &rust.folder)?;
        }
        fs::remove_dir_all(&debs).map_err(doing("remove packages"))?;
        fs::write(&list, names).map_err(doing(format!("write {}", list.display())))?;
        Ok(rust)
    }

    /// A command of cargo's for this target, built in this folder.
    #[must_use]
    pub fn cargo(&self, command: &str, target: &str, built: &Path) -> Command {
        self.prepare(cargo(), command, target, built)
    }

    /// Clippy, of the compiler's own version, for this target; words for clippy itself go after `--`.
    #[must_use]
    pub fn clippy(&self, target: &str, built: &Path) -> Command {
        // Cargo itself is the one that runs this.
        let mut clippy = Command::new(self.folder.join("usr/bin/cargo-clippy"));
        clippy.current_dir(root());
        self.prepare(clippy, "clippy", target, built)
    }

    fn prepare(&self, mut cargo: Command, command: &str, target: &str, built: &Path) -> Command {
        let libraries = format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        cargo
            .args([command, "--locked", "--target", target])
            .arg("-Zbuild-std=std,panic_unwind")
            .env("RUSTC", self.folder.join("usr/bin/rustc"))
            .env("LD_LIBRARY_PATH", self.folder.join(libraries))
            // The compiler is a stable one, and builds the standard library as its own makers do.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", built)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env_remove("RUSTFLAGS")
            .env_remove("RUSTUP_TOOLCHAIN");
        cargo
    }
}

/// The packages, with those that they depend on and a machine may lack.
fn packages() -> Result<Vec<String>> {
    let mut packages: Vec<String> = WANTED.map(str::to_owned).to_vec();
    let mut seen = 0;
    while let Some(package) = packages.get(seen) {
        let output = Command::new("apt-cache")
            .args(["depends", "--no-recommends", "--no-suggests", package])
            .output()
            .map_err(doing("start apt-cache"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(Error::Machine(format!(
                "apt knows no package {package}: this needs Debian 12 with its security updates, and `apt-get update`"
            )));
        }
        let depends = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "));
        let more: Vec<String> = depends
            .filter(|name| BROUGHT_ALONG.iter().any(|known| name.starts_with(known)))
            .filter(|name| !packages.iter().any(|had| had == name))
            .map(str::to_owned)
            .collect();
        packages.extend(more);
        seen += 1;
    }
    Ok(packages)
}

fn unpack(deb: &Path, folder: &Path) -> Result {
    let is_source = deb
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("rust-web-src"));
    let script = r#"deb=$1 folder=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --wildcards "$@""#;
    let parts: &[&str] = if is_source { &OF_SOURCE } else { &["./*"] };
    succeed(
        Command::new("sh")
            .args(["-ec", script, "sh"])
            .args([deb, folder])
            .args(parts),
    )
}
