//! pgbouncer in front of a PostgreSQL cluster.

use std::time::Duration;

use crate::Result;
use crate::folder::Folder;
use crate::port::{Ports, is_listening};
use crate::postgres::{PASSWORD, PostgresCluster, as_database_user, give_to_database_user};
use crate::process::Process;

const START_LIMIT: Duration = Duration::from_secs(20);

/// A running pgbouncer.
#[derive(Debug)]
pub struct Pgbouncer {
    _process: Process,
    ports: Ports,
}

impl Pgbouncer {
    /// Starts one with these settings (the section `[pgbouncer]`) beside those that say where it is and who may come.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(folder: &Folder, cluster: &PostgresCluster, settings: &str) -> Result<Self> {
        let ports = Ports::claim(1)?;
        let (port, behind) = (ports.first(), cluster.port());
        let place = folder.subfolder("pgbouncer")?;
        let users = folder.write(
            "pgbouncer/users.txt",
            format!("\"tapcard\" \"{PASSWORD}\"\n"),
        )?;
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={behind}\n{settings}\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\n",
            users.display()
        );
        let configuration = folder.write("pgbouncer/pgbouncer.ini", configuration)?;
        give_to_database_user(folder, &place)?;
        let mut process = as_database_user(folder, "pgbouncer".as_ref())
            .arg(&configuration)
            .start(folder, "pgbouncer")?;
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(is_listening(port)?.then_some(()))
        })?;
        Ok(Self {
            _process: process,
            ports,
        })
    }

    /// The database's address for the server, through it.
    #[must_use]
    pub fn url(&self) -> String {
        PostgresCluster::url_at(self.ports.first())
    }
}
