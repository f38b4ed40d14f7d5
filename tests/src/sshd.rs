//! A private sshd that asks the enrollment server for a person's keys at every login, and ssh with the card.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::module::Module;
use crate::port::{Ports, is_listening};
use crate::postgres::is_root;
use crate::process::Process;
use crate::program::Program;
use crate::server::Server;
use crate::{Error, Result};

const SSHD: &str = "/usr/sbin/sshd";
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running sshd for the user who runs the rig.
#[derive(Debug)]
pub struct Sshd {
    process: Process,
    ports: Ports,
    user: String,
    known_hosts: PathBuf,
}

impl Sshd {
    /// Starts an sshd that takes the keys which `server` names for a user, and no others.
    ///
    /// # Errors
    /// When sshd is not installed, or does not start.
    pub fn start(folder: &Folder, server: &Server) -> Result<Self> {
        if !Path::new(SSHD).exists() {
            return Err(Error::Missing {
                what: SSHD.to_owned(),
                remedy: "install the Debian package openssh-server".to_owned(),
            });
        }
        let ports = Ports::claim(1)?;
        let port = ports.first();
        let host_key = folder.join("ssh_host_key");
        folder
            .program("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&host_key)
            .succeed()?;
        let public = fs::read_to_string(host_key.with_extension("pub"))
            .doing(|| "read the host's public key".to_owned())?;
        let known_hosts = folder.write("known_hosts", format!("[localhost]:{port} {public}"))?;
        if is_root() {
            fs::create_dir_all("/run/sshd").doing(|| "make /run/sshd".to_owned())?;
        }
        let user = user_name(folder)?;
        // sshd insists that the command and all folders above it belong to root and are writable by root alone:
        // a system program with arguments needs no script that would have to lie in such a place.
        let configuration = folder.write(
            "sshd_config",
            format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {}\nPidFile none\nUsePAM no\n\
                 PasswordAuthentication no\nKbdInteractiveAuthentication no\nAuthorizedKeysFile none\n\
                 AuthorizedKeysCommand /usr/bin/curl -fsS --max-time 5 --cacert {} {}%u\n\
                 AuthorizedKeysCommandUser {user}\n",
                host_key.display(),
                server.root().display(),
                server.authorized_keys(),
            ),
        )?;
        let mut process = folder
            .program(SSHD)
            .args(["-D", "-e", "-f"])
            .arg(configuration)
            .start(folder, "sshd")?;
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(is_listening(port)?.then_some(()))
        })?;
        Ok(Self {
            process,
            ports,
            user,
            known_hosts,
        })
    }

    /// Who can log in.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.stderr_text()
    }

    /// An ssh login with the card in the module's reader; it says `hello from USER` when it succeeds.
    ///
    /// # Errors
    /// When the PIN cannot be put where ssh asks for it.
    pub fn login(&self, folder: &Folder, module: &Module, pin: &str) -> Result<Program> {
        self.login_through(module.program(folder, "ssh"), folder, module.path(), pin)
    }

    /// An ssh login with the card in the reader of any PKCS#11 module, by an ssh that finds it.
    ///
    /// # Errors
    /// As [`Sshd::login`].
    pub fn login_through(
        &self,
        ssh: Program,
        folder: &Folder,
        module: &Path,
        pin: &str,
    ) -> Result<Program> {
        Ok(self
            .login_by(ssh, "none", &["-I", &module.to_string_lossy()])
            .envs(askpass(folder, pin)?))
    }

    /// An ssh login with the keys of the agent at this socket.
    #[must_use]
    pub fn login_by_agent(&self, ssh: Program, socket: &Path) -> Program {
        self.login_by(ssh, &socket.to_string_lossy(), &[])
    }

    /// An ssh login with other arguments.
    #[must_use]
    pub fn login_with(&self, folder: &Folder, arguments: &[&str]) -> Program {
        self.login_by(folder.program("ssh"), "none", arguments)
    }

    /// A login by an ssh with this configuration file, whatever is in it.
    #[must_use]
    pub fn login_configured(&self, ssh: Program, configuration: &Path) -> Program {
        self.login_to(ssh.arg("-F").arg(configuration), "none", &[])
    }

    fn login_by(&self, ssh: Program, agent: &str, arguments: &[&str]) -> Program {
        self.login_to(ssh.args(["-F", "/dev/null"]), agent, arguments)
    }

    fn login_to(&self, ssh: Program, agent: &str, arguments: &[&str]) -> Program {
        ssh.args(["-p", &self.ports.first().to_string()])
            .arg("-o")
            .arg(format!("IdentityAgent={agent}"))
            .args(["-o", "PreferredAuthentications=publickey"])
            .args([
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "GlobalKnownHostsFile=/dev/null",
            ])
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", self.known_hosts.display()))
            .args(arguments)
            .arg(format!("{}@localhost", self.user))
            .arg("echo hello from $(id -un)")
    }
}

/// The environment in which ssh asks a program for the PIN instead of the terminal.
///
/// # Errors
/// When the program cannot be written.
pub fn askpass(folder: &Folder, pin: &str) -> Result<[(&'static str, PathBuf); 2]> {
    let pin_file = folder.write("askpass-pin", pin)?;
    let script = folder.write_script(
        "askpass.sh",
        // Without `cat`: a tree of few programs has none.
        &format!(
            "#!/bin/sh\nread -r pin <{} || :\nprintf '%s\\n' \"$pin\"\n",
            pin_file.display()
        ),
    )?;
    Ok([
        ("SSH_ASKPASS", script),
        ("SSH_ASKPASS_REQUIRE", PathBuf::from("force")),
    ])
}

/// The name of the user who runs the rig.
///
/// # Errors
/// When it has none.
pub fn user_name(folder: &Folder) -> Result<String> {
    Ok(folder
        .program("id")
        .arg("-un")
        .succeed()?
        .text()
        .trim()
        .to_owned())
}
