//! The server's image and its composition, as far as that goes without Docker: a linter, Docker Compose's own reading, and the
//! image's steps and programs in a Debian as small as the image's.

mod composition;
mod container;
mod database;
mod dockerfile;

use std::process::Command;
use std::time::Duration;

use rig::folder::Folder;
use rig::network::{Network, Place};
use rig::server::Announcement;
use rig::wait::wait_until;

use super::done::done;
use crate::error::{Error, Result};
use crate::hadolint;
use crate::workspace::{root, succeed};
use composition::Composition;
use container::Container;

/// The server's service.
const SERVICE: &str = "enroll-server";
/// How this part is called where it says what is done.
const NAME: &str = "image";
/// The host's name in the document, and the server's port in the composition.
const HOST: &str = "enroll.example.org:8443";
/// How long the server may take to start, and to be well.
const LIMIT: Duration = Duration::from_secs(60);

/// Tries them.
///
/// # Errors
/// The first failure.
pub fn run() -> Result {
    succeed(
        Command::new(hadolint::ensure()?)
            .args(["--failure-threshold", "style", "Dockerfile"])
            .current_dir(root()),
    )?;
    done(NAME, "hadolint has nothing against the Dockerfile")?;
    let folder = Folder::silent()?;
    let composition = Composition::set_up(&folder)?;
    done(
        NAME,
        "Docker Compose reads the composition, with the document's settings and secrets",
    )?;
    let container = Container::build(&folder, &composition, SERVICE)?;
    done(NAME, "its steps are done in a Debian 12 as small as it")?;
    let network = Network::set_up(&folder)?;
    let database = database::start(&folder, &network, &composition)?;
    done(
        NAME,
        "PostgreSQL starts with the composition's password, and is well",
    )?;
    for name in ["first", "second"] {
        serves(&folder, &network, &composition, &container, name)?;
    }
    drop(database);
    done(
        NAME,
        "the server serves as its user, is well, ends when asked, and starts again on its volume",
    )
}

/// The server starts, is well, and is reached from outside.
fn serves(
    folder: &Folder,
    network: &Network,
    composition: &Composition,
    container: &Container,
    name: &str,
) -> Result {
    let health_check = composition.health_check(SERVICE)?;
    let is_well = || {
        let check = container.program(folder, network, &health_check);
        Ok(check.run()?.status.success())
    };
    if is_well()? {
        return Err(Error::Machine(format!(
            "{SERVICE} is well before it is started"
        )));
    }
    let mut process = container.serve(folder, network).start(folder, name)?;
    let announcement = process.wait_for("says where it is", LIMIT, |process| {
        Announcement::read(&process.stdout_text(), true)
    })?;
    let announcement = announcement.seen_beneath(container.path());
    wait_until("the server's health check is content", LIMIT, is_well)?;
    network
        .program(folder, Place::Home, "curl")
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--output",
            "/dev/null",
        ])
        .args(["--resolve", &format!("{HOST}:{}", Place::Office.address())])
        .arg("--cacert")
        .arg(announcement.root())
        .arg(announcement.setup().unwrap_or_default())
        .succeed()?;
    let complaints = process.stderr_text();
    if complaints.contains("WARN") || complaints.contains("ERROR") {
        return Err(Error::Machine(format!(
            "{SERVICE} has something against its surroundings:\n{complaints}"
        )));
    }
    let status = process.stop()?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Machine(format!("{SERVICE} ended with {status}")))
    }
}
