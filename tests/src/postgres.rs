//! A PostgreSQL cluster of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::Doing;
use crate::folder::Folder;
use crate::port::Ports;
use crate::process::Process;
use crate::program::Program;
use crate::{Error, Result};

const START_LIMIT: Duration = Duration::from_secs(60);
const VERSIONS: &str = "/usr/lib/postgresql";
/// The user that Debian's package makes; PostgreSQL refuses to run as root.
const USER: &str = "postgres";
pub(crate) const PASSWORD: &str = "only for this test";
/// [`PASSWORD`] as a part of a URL.
const PASSWORD_IN_URL: &str = "only%20for%20this%20test";

/// A running cluster with an empty database `tapcard`.
#[derive(Debug)]
pub struct PostgresCluster {
    /// None while it is stopped.
    process: Option<Process>,
    programs: PathBuf,
    cluster: PathBuf,
    ports: Ports,
}

impl PostgresCluster {
    /// Makes a cluster in the folder and starts it on a port of its own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start(folder: &Folder) -> Result<Self> {
        let programs = programs()?;
        let ports = Ports::claim(1)?;
        let data = folder.subfolder("postgres")?;
        let password = folder.join("postgres/password");
        fs::write(&password, PASSWORD).doing(|| "write the database's password".to_owned())?;
        give_to_database_user(folder, &data)?;
        let cluster = data.join("cluster");
        as_database_user(folder, &programs.join("initdb"))
            .args([
                "--username=tapcard",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--no-sync", "--pwfile"])
            .arg(&password)
            .arg("--pgdata")
            .arg(&cluster)
            .succeed()?;
        let mut running = Self {
            process: None,
            programs,
            cluster,
            ports,
        };
        running.resume(folder)?;
        let administration = Self::url_of(running.ports.first(), "postgres");
        folder
            .program("psql")
            .args(["-qc", "CREATE DATABASE tapcard"])
            .arg(&administration)
            .succeed()?;
        Ok(running)
    }

    /// Starts it on its port, after [`PostgresCluster::stop`] too, and waits until it answers.
    ///
    /// # Errors
    /// When it does not start.
    pub fn resume(&mut self, folder: &Folder) -> Result {
        let port = self.ports.first();
        let mut process = as_database_user(folder, &self.programs.join("postgres"))
            .arg("-D")
            .arg(&self.cluster)
            .args(["-p", &port.to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .args(["-c", "fsync=off", "-c", "shared_buffers=16MB"])
            .start(folder, "postgres")?;
        let administration = Self::url_of(port, "postgres");
        process.wait_for("answers", START_LIMIT, |_| {
            let answer = folder
                .program("psql")
                .args(["-qc", "SELECT 1"])
                .arg(&administration)
                .run()?;
            Ok(answer.status.success().then_some(()))
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Stops it at once: whoever is connected loses the connection (a fast shutdown).
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> Result {
        if let Some(process) = self.process.take() {
            process.signal(Signal::INT)?;
            process.stop()?;
        }
        Ok(())
    }

    /// Makes all its processes stand still, or lets them go on: a disk or a machine that hangs.
    ///
    /// # Errors
    /// When it does not run.
    pub fn stand_still(&self, still: bool) -> Result {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        let process = self.process.as_ref();
        process
            .ok_or_else(|| crate::unexpected("the database does not run"))?
            .signal_all(signal)
    }

    /// A session of its own that runs these statements, one after the other; its output is unaligned.
    #[must_use]
    pub fn psql(&self, folder: &Folder, statements: &[&str]) -> Program {
        folder
            .program("psql")
            .args(["-qAtX", "-v", "ON_ERROR_STOP=1"])
            .args(statements.iter().flat_map(|one| ["-c", one]))
            .arg(self.url())
    }

    /// Makes one of its processes stand still, or lets it go on.
    ///
    /// # Errors
    /// When it is not there.
    pub fn backend_stand_still(&self, id: u32, still: bool) -> Result {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        pid.ok_or_else(|| crate::unexpected(format!("{id} is not a process")))
            .and_then(|pid| {
                kill_process(pid, signal)
                    .map_err(std::io::Error::from)
                    .doing(|| format!("signal {id}"))
            })
    }

    /// The database's address for the server.
    #[must_use]
    pub fn url(&self) -> String {
        Self::url_of(self.ports.first(), "tapcard")
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.ports.first()
    }

    /// The database's address where something on another port stands before it.
    pub(crate) fn url_at(port: u16) -> String {
        Self::url_of(port, "tapcard")
    }

    fn url_of(port: u16, database: &str) -> String {
        format!("postgres://tapcard:{PASSWORD_IN_URL}@127.0.0.1:{port}/{database}")
    }
}

/// Debian keeps the programs by version, out of the search path.
///
/// # Errors
/// [`Error::Missing`] where PostgreSQL is not installed.
pub fn programs() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().ok_or_else(|| Error::Missing {
        what: format!("{VERSIONS}/*/bin/initdb"),
        remedy: "install the Debian package postgresql".to_owned(),
    })
}

/// Lets the user that the database runs as have a part of the test's folder.
pub(crate) fn give_to_database_user(folder: &Folder, part: &Path) -> Result {
    if is_root() {
        folder.let_others_pass()?;
        folder
            .program("chown")
            .args(["-R", USER])
            .arg(part)
            .succeed()?;
    }
    Ok(())
}

pub(crate) fn as_database_user(folder: &Folder, program: &Path) -> Program {
    if is_root() {
        folder
            .program("setpriv")
            .args([
                "--reuid",
                USER,
                "--regid",
                USER,
                "--clear-groups",
                "--pdeathsig",
                "KILL",
            ])
            .arg(program)
    } else {
        folder.program(program)
    }
}

/// Whether the rig runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
