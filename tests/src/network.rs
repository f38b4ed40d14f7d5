//! Two places with a network of their own each, and a cable between them: programs there see no other network, and none
//! of the machine's sees theirs.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::Result;
use crate::folder::Folder;
use crate::postgres::is_root;
use crate::process::Process;
use crate::program::Program;

const START_LIMIT: Duration = Duration::from_secs(20);

/// How a place begins: process numbers of its own are written to its /run, and the cable is not there yet.
const PLACE: &str = "mount -t tmpfs tmpfs /run; ip link set lo up; echo there; exec sleep infinity";

/// An end of the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where services are.
    Office,
    /// Where their user is.
    Home,
}

impl Place {
    /// Its address on the cable.
    #[must_use]
    pub fn address(self) -> &'static str {
        match self {
            Self::Office => "10.77.0.1",
            Self::Home => "10.77.0.2",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Office => "office",
            Self::Home => "home",
        })
    }
}

/// Both places, for as long as the value lives.
#[derive(Debug)]
pub struct Network {
    office: Process,
    home: Process,
}

impl Network {
    /// Makes both places and the cable.
    ///
    /// # Errors
    /// When namespaces cannot be made here: neither is the user root, nor may users have them.
    pub fn set_up(folder: &Folder) -> Result<Self> {
        let user: &[&str] = if is_root() {
            &[]
        } else {
            &["--user", "--map-root-user"]
        };
        let office = start(folder, Place::Office, folder.program("unshare").args(user))?;
        let home = start(
            folder,
            Place::Home,
            enter(folder, &office, &["--net"]).arg("unshare"),
        )?;
        let network = Self { office, home };
        network.run(
            folder,
            Place::Office,
            &format!(
                "ip link add cable type veth peer name cable netns {}",
                network.home.id()
            ),
        )?;
        for place in [Place::Office, Place::Home] {
            let address = place.address();
            network.run(
                folder,
                place,
                &format!("ip address add {address}/24 dev cable; ip link set cable up"),
            )?;
        }
        Ok(network)
    }

    /// A program at a place.
    #[must_use]
    pub fn program(&self, folder: &Folder, place: Place, program: impl AsRef<Path>) -> Program {
        enter(folder, self.first(place), &["--net", "--mount"]).arg(program.as_ref())
    }

    /// Runs a script for `sh` at a place; it ends at the first command that fails.
    ///
    /// # Errors
    /// When a command fails.
    pub fn run(&self, folder: &Folder, place: Place, script: &str) -> Result {
        self.program(folder, place, "sh")
            .args(["-ec", script])
            .succeed()
            .map(drop)
    }

    fn first(&self, place: Place) -> &Process {
        match place {
            Place::Office => &self.office,
            Place::Home => &self.home,
        }
    }
}

fn start(folder: &Folder, place: Place, unshare: Program) -> Result<Process> {
    let mut process = unshare
        .args(["--net", "--mount", "sh", "-ec", PLACE])
        .start(folder, &place.to_string())?;
    process.wait_for("is there", START_LIMIT, |process| {
        Ok(process.stdout_text().contains("there").then_some(()))
    })?;
    Ok(process)
}

fn enter(folder: &Folder, process: &Process, namespaces: &[&str]) -> Program {
    let user: &[&str] = if is_root() {
        &[]
    } else {
        &["--user", "--preserve-credentials"]
    };
    folder
        .program("nsenter")
        .args(["--target", &process.id().to_string()])
        .args(user)
        .args(namespaces)
        .arg(format!("--wd={}", folder.path().display()))
}
