//! A page that is to be had from home through a tunnel alone.

use std::time::Duration;

use rig::Result;
use rig::folder::Folder;
use rig::network::{Network, Place};
use rig::process::Process;
use rig::program::Program;

const START_LIMIT: Duration = Duration::from_secs(20);

/// What is on it.
pub const WELCOME: &str = "welcome inside";

/// The page, and who serves it at the office.
pub struct Page {
    address: String,
    _server: Process,
}

impl Page {
    /// Serves it at an address that is not the cable's.
    pub fn serve(folder: &Folder, network: &Network, address: &str) -> Result<Self> {
        folder.subfolder("inside")?;
        folder.write("inside/page", WELCOME)?;
        let mut server = network
            .program(folder, Place::Office, "python3")
            .args(["-u", "-m", "http.server", "--bind", address, "--directory"])
            .arg(folder.join("inside"))
            .arg("8080")
            .start(folder, "page")?;
        server.wait_for("serves", START_LIMIT, |server| {
            let said = server.stdout_text();
            Ok(said.contains("Serving HTTP").then_some(()))
        })?;
        Ok(Self {
            address: format!("http://{address}:8080/page"),
            _server: server,
        })
    }

    /// Asks for it from home.
    pub fn ask(&self, folder: &Folder, network: &Network) -> Program {
        network.program(folder, Place::Home, "curl").args([
            "-fsS",
            "--max-time",
            "10",
            &self.address,
        ])
    }
}
