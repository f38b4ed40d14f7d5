//! A server that is killed and started again on the same data and ports, its administrator, and those who are invited.

use std::time::Duration;

use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::port::Ports;
use rig::portal::{Holder, Portal, Profile};
use rig::postgres::PostgresCluster;
use rig::process::Process;
use rig::program::Program;
use rig::server::Server;
use rig::wait::wait_for;
use rig::{Result, unexpected};

/// Phones that enroll while the server is killed.
const AT_ONCE: usize = 2;

const ENROLL_LIMIT: Duration = Duration::from_secs(60);

/// The server and whoever has to do with it.
pub struct Site<'a> {
    /// The administrator, signed in once: a session outlives the server.
    pub portal: Portal,
    server: Option<Server>,
    ports: Ports,
    database: Option<PostgresCluster>,
    folder: &'a Folder,
}

/// Somebody who was invited, and their phone.
pub struct Newcomer {
    /// What the portal finds them by.
    pub name: String,
    phone: Phone,
    invitation: String,
    enrolling: Option<Process>,
}

impl<'a> Site<'a> {
    /// Starts the server for the first time and sets its administrator up.
    pub fn open(folder: &'a Folder, with_postgres: bool) -> Result<Self> {
        let database = with_postgres
            .then(|| PostgresCluster::start(folder))
            .transpose()?;
        // The addresses must outlive the server: they are in invitations, and cookies belong to them.
        let ports = Ports::claim(2)?;
        let server = Server::start(folder, program(folder, &ports, database.as_ref())?)?;
        Ok(Self {
            portal: Portal::set_up(&server)?,
            server: Some(server),
            ports,
            database,
            folder,
        })
    }

    /// The server, for whoever kills it.
    pub fn take_server(&mut self) -> Result<Server> {
        self.server
            .take()
            .ok_or_else(|| unexpected("no server runs"))
    }

    /// Starts the server on what the last one left.
    pub fn start_again(&mut self) -> Result {
        let program = program(self.folder, &self.ports, self.database.as_ref())?;
        self.server = Some(Server::start(self.folder, program)?);
        Ok(())
    }

    /// `enroll-server audit verify` on its database.
    pub fn verify_audit_trail(&self) -> Result {
        let mut verify = self
            .folder
            .program(self.folder.binaries().enroll_server()?)
            .args(["audit", "verify", "--data"])
            .arg(Server::data(self.folder));
        if let Some(database) = &self.database {
            verify = verify.env("TAPCARD_DATABASE", database.url());
        }
        verify.succeed()?;
        Ok(())
    }

    /// The number of the issuing authority's CRL, as it is served.
    pub fn crl_number(&self) -> Result<u64> {
        let server = self
            .server
            .as_ref()
            .ok_or_else(|| unexpected("no server runs"))?;
        rig::openssl::crl_number(self.folder, server)
    }

    /// Invites people for a round.
    pub fn invite(&self, round: usize) -> Result<Vec<Newcomer>> {
        (0..AT_ONCE)
            .map(|number| {
                let name = format!("round{round}-{number}");
                let email = format!("{name}@example.test");
                let holder = Holder {
                    name: &name,
                    email: &email,
                    upn: &email,
                };
                Ok(Newcomer {
                    invitation: self.portal.invite(holder, Profile::Compact)?,
                    phone: Phone::at(self.folder.join(&name)),
                    name,
                    enrolling: None,
                })
            })
            .collect()
    }
}

impl Newcomer {
    /// Begins to enroll.
    pub fn start(&mut self, folder: &Folder) -> Result {
        let program = self.phone.enroll_program(folder, &self.invitation, PIN)?;
        self.enrolling = Some(program.start(folder, &self.name)?);
        Ok(())
    }

    /// Brings the enrollment to its end, by the same invitation if it was cut. Returns whether it was.
    pub fn finish(&mut self, folder: &Folder) -> Result<bool> {
        if let Some(mut enrolling) = self.enrolling.take() {
            let status = wait_for("the enrollment ends", ENROLL_LIMIT, || {
                enrolling.exit_status()
            })?;
            if status.success() {
                return Ok(false);
            }
        }
        wait_for("the server takes the request", ENROLL_LIMIT, || {
            let program = self.phone.enroll_program(folder, &self.invitation, PIN)?;
            let outcome = program.run()?;
            // All these phones have one address, and share its limit.
            let is_limited = outcome.all_text().contains("too many attempts");
            match outcome.status.success() {
                true => Ok(Some(())),
                false if is_limited => Ok(None),
                false => Err(outcome.error("could not go on with the enrollment")),
            }
        })?;
        Ok(true)
    }
}

fn program(folder: &Folder, ports: &Ports, database: Option<&PostgresCluster>) -> Result<Program> {
    let program = Server::program_at(folder, ports.first(), ports.first() + 1)?;
    Ok(match database {
        Some(database) => program.env("TAPCARD_DATABASE", database.url()),
        None => program,
    })
}
