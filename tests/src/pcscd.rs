//! A PC/SC daemon of a test's own, with vpcd's virtual reader.

use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::port::{Ports, is_listening};
use crate::process::Process;
use crate::system::{System, private_mounts};
use crate::{Error, Result};

/// The reader's name as clients see it (vpcd adds `00 00` and `00 01`, for its two slots).
pub const READER: &str = "Tapcard Virtual Reader";

/// A reader name that ykcs11 accepts: one that begins with "Yubico".
pub const YUBICO_READER: &str = "Yubico Virtual Reader";

const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// Has it ask nobody who may use a card.
const WITHOUT_POLKIT: &str = "--disable-polkit";
const START_LIMIT: Duration = Duration::from_secs(20);

/// pcscd takes the socket that it is handed (as systemd would) and so listens wherever a test wants it.
const START: &str = r#"
exec 3<&0 </dev/null
LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"
"#;

/// What else it writes to its fixed folder goes to a private one, where there are mounts of our own; the user's own
/// daemon sees nothing of it. Never without: this would cover the machine's folder.
const COVER_RUN: &str = r#"
mount -t tmpfs tmpfs /run
mkdir -p /run/pcscd
exec "$@"
"#;

/// A running private daemon.
#[derive(Debug)]
pub struct PcscDaemon {
    process: Option<Process>,
    socket: PathBuf,
    readers: PathBuf,
    ports: Ports,
    home: PathBuf,
    system: System,
}

impl PcscDaemon {
    /// Starts a daemon whose readers bear `reader_name`, and waits until it serves them.
    ///
    /// # Errors
    /// When pcscd or vpcd is not installed, or does not start.
    pub fn start(folder: &Folder, reader_name: &str) -> Result<Self> {
        Self::start_of(System::ThisMachine, folder, reader_name)
    }

    /// As [`PcscDaemon::start`], of another system, whose clients it then serves.
    ///
    /// # Errors
    /// As [`PcscDaemon::start`].
    pub fn start_of(system: System, folder: &Folder, reader_name: &str) -> Result<Self> {
        if !system.file(DRIVER).exists() {
            return Err(Error::Missing {
                what: DRIVER.to_owned(),
                remedy: "install the Debian package vsmartcard-vpcd".to_owned(),
            });
        }
        let ports = Ports::claim(2)?;
        let readers = folder.subfolder("readers")?;
        let port = ports.first();
        folder.write(
            "readers/vpcd",
            format!(
                "FRIENDLYNAME \"{reader_name}\"\nDEVICENAME /dev/null:0x{port:04X}\n\
                 LIBPATH {DRIVER}\nCHANNELID 0x{port:04X}\n"
            ),
        )?;
        let mut daemon = Self {
            process: None,
            socket: folder.join("pcscd.comm"),
            readers,
            ports,
            home: folder.join("home"),
            system,
        };
        daemon.start_again(folder)?;
        Ok(daemon)
    }

    /// Starts the daemon after [`PcscDaemon::stop`], with the same socket and the same readers.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&mut self, folder: &Folder) -> Result {
        let _ = fs::remove_file(&self.socket);
        let listener = UnixListener::bind(&self.socket)
            .doing(|| format!("listen on {}", self.socket.display()))?;
        fs::set_permissions(&self.socket, fs::Permissions::from_mode(0o666))
            .doing(|| "open the daemon's socket to its clients".to_owned())?;
        let mut line = match &self.system {
            System::ThisMachine => match private_mounts(folder)? {
                Some(mounts) => [&["unshare"], mounts, &["sh", "-ec", COVER_RUN, "sh"]]
                    .concat()
                    .into_iter()
                    .map(OsString::from)
                    .collect(),
                None => Vec::new(),
            },
            system @ System::Tree { .. } => system.before(folder),
        };
        line.extend(["pcscd", "--foreground", "--error"].map(OsString::from));
        if matches!(self.system, System::Tree { .. }) && self.can_do_without_polkit(folder)? {
            // It would ask polkit, which is not there.
            line.push(WITHOUT_POLKIT.into());
        }
        line.extend(["--config".into(), self.readers.clone().into_os_string()]);
        let mut process = folder
            .program("sh")
            .args(["-ec", START, "sh"])
            .args(line)
            .stdin(OwnedFd::from(listener))
            .start(folder, "pcscd")?;
        let port = self.ports.first();
        process.wait_for("serves its readers", START_LIMIT, |_| {
            Ok((is_listening(port)? && is_listening(port + 1)?).then_some(()))
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Whether it is new enough to be told so.
    fn can_do_without_polkit(&self, folder: &Folder) -> Result<bool> {
        let help = self.system.program(folder, "pcscd").arg("--help").run()?;
        Ok(help.all_text().contains(WITHOUT_POLKIT))
    }

    /// Stops the daemon, as when it crashes or is upgraded.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> Result {
        if let Some(process) = self.process.take() {
            process.kill()?;
        }
        let _ = fs::remove_file(&self.socket);
        Ok(())
    }

    /// The daemon, where it runs.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// The TCP port on which the first reader waits for a card.
    #[must_use]
    pub fn reader_port(&self) -> u16 {
        self.ports.first()
    }

    /// The TCP port on which the second reader waits for a card.
    #[must_use]
    pub fn second_reader_port(&self) -> u16 {
        self.ports.first() + 1
    }

    /// The daemon's socket, to which clients are led by their environment.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The home folder of its clients.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whose daemon it is.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The environment with which a client finds this daemon.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, PathBuf); 1] {
        [("PCSCLITE_CSOCK_NAME", self.socket.clone())]
    }
}
