//! The image's last stage done in a small Debian, and programs in it as a container's.

use std::fs;
use std::path::Path;

use rig::folder::Folder;
use rig::network::{Network, Place};
use rig::program::Program;

use super::super::tree::{OF_IMAGE, Tree};
use super::composition::{Composition, Secret};
use super::dockerfile::Dockerfile;
use crate::dist::layout::stage;
use crate::error::{Error, Result, doing};
use crate::workspace::root;

/// The image that the tree stands for.
const BASE: &str = "debian:bookworm-slim";
/// The one signal that asks processes of the rig to end.
const STOP_SIGNAL: &str = "SIGTERM";
/// The name by which the server finds its database.
const DATABASE: &str = "postgres";

/// Runs a program as the image's user, with the secrets where Docker has them and nothing else of its surroundings.
const RUN: &str = r#"
tree=$1 user=$2
shift 2
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
chmod 1777 "$tree/tmp"
mkdir "$tree/run/secrets"
while [ "$1" != -- ]; do
    touch "$tree$2"
    mount --bind "$1" "$tree$2"
    shift 2
done
shift
exec setpriv --no-new-privs --inh-caps=-all chroot --userspec="$user" "$tree" env --ignore-environment "$@"
"#;

/// What Docker gives to each container.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The image, and what the composition adds to it.
#[derive(Debug)]
pub struct Container {
    tree: Tree,
    image: Dockerfile,
    environment: Vec<(String, String)>,
    secrets: Vec<Secret>,
}

impl Container {
    /// Makes the image of the server that is on the stage, for a service of the composition.
    ///
    /// # Errors
    /// Where a step fails.
    pub fn build(folder: &Folder, composition: &Composition, service: &str) -> Result<Self> {
        let path = root().join("Dockerfile");
        let text = fs::read_to_string(&path).map_err(doing(format!("read {}", path.display())))?;
        let image = Dockerfile::read(&text)?;
        if image.base != BASE || image.stop_signal != STOP_SIGNAL {
            return Err(Error::Machine(format!(
                "nobody tries an image of {} that {} ends",
                image.base, image.stop_signal
            )));
        }
        let tree = Tree::of(&OF_IMAGE)?;
        for run in &image.runs {
            tree.shell(folder, run)?;
        }
        for (from, to) in &image.copies {
            let name = Path::new(from).file_name().unwrap_or_default();
            let to = tree.path().join(to.trim_start_matches('/'));
            fs::copy(stage().join("bin").join(name), &to)
                .map_err(doing(format!("copy to {}", to.display())))?;
        }
        let hosts = format!(
            "127.0.0.1 localhost\n{} {DATABASE}\n",
            Place::Office.address()
        );
        fs::write(tree.path().join("etc/hosts"), hosts).map_err(doing("write the tree's hosts"))?;
        Ok(Self {
            environment: composition.environment(service)?,
            secrets: composition.secrets(service)?,
            tree,
            image,
        })
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.tree.path()
    }

    /// Its own program.
    pub fn serve(&self, folder: &Folder, network: &Network) -> Program {
        self.program(folder, network, &self.image.command)
    }

    /// Any program in it.
    pub fn program(&self, folder: &Folder, network: &Network, line: &[String]) -> Program {
        let secrets = self
            .secrets
            .iter()
            .flat_map(|secret| [secret.file.as_os_str(), secret.place.as_ref()]);
        let environment = self
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        network
            .program(folder, Place::Office, "unshare")
            .args(["--mount", "sh", "-eu", "-c", RUN, "sh"])
            .arg(self.path())
            .arg(&self.image.user)
            .args(secrets)
            .args(["--", PATH])
            .arg(format!("HOME={}", self.image.volume))
            .args(environment)
            .args(line)
    }
}
