//! The enrollment server, `enroll-server`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::process::Process;
use crate::program::Program;
use crate::{Result, unexpected};

const START_LIMIT: Duration = Duration::from_secs(60);

/// The folder with the server's data.
const DATA: &str = "server";

const PORTAL_LINE: &str = "Portal: ";
const RELYING_LINE: &str = "Relying parties: ";
const AUTHORITY_LINE: &str = "Authority: ";
const SETUP_LINE: &str = "Set up the first administrator: ";

/// What a server prints at its start: where it is.
#[derive(Clone, Debug)]
pub struct Announcement {
    portal: String,
    relying_parties: String,
    root: PathBuf,
    setup: Option<String>,
}

impl Announcement {
    /// Reads the lines of one start; none while they are not all there. A server that `is_new` also says how to set up its
    /// first administrator.
    ///
    /// # Errors
    /// When a line has another form.
    pub fn read(printed: &str, is_new: bool) -> Result<Option<Self>> {
        let line = |start: &str| printed.lines().find_map(|line| line.strip_prefix(start));
        let lines = (line(PORTAL_LINE), line(RELYING_LINE), line(AUTHORITY_LINE));
        let (Some(portal), Some(relying), Some(authority)) = lines else {
            return Ok(None);
        };
        let setup = line(SETUP_LINE).map(str::to_owned);
        if !printed.ends_with('\n') || is_new && setup.is_none() {
            return Ok(None);
        }
        let (root, _) = authority.split_once(" (SHA-256 ").ok_or_else(|| {
            unexpected(format!(
                "the server's authority line has another form: {authority}"
            ))
        })?;
        Ok(Some(Self {
            portal: portal.trim_end_matches('/').to_owned(),
            relying_parties: relying.trim_end_matches('/').to_owned(),
            root: PathBuf::from(root),
            setup,
        }))
    }

    /// The same where the server's files are seen beneath another folder.
    #[must_use]
    pub fn seen_beneath(self, folder: &Path) -> Self {
        let root = self.root.strip_prefix("/").unwrap_or(&self.root);
        Self {
            root: folder.join(root),
            ..self
        }
    }

    /// The portal's address, without a slash at the end.
    #[must_use]
    pub fn portal(&self) -> &str {
        &self.portal
    }

    /// The address of what relying parties fetch (CRL, OCSP, certificates), without a slash at the end.
    #[must_use]
    pub fn relying_parties(&self) -> &str {
        &self.relying_parties
    }

    /// The root certificate's file, PEM.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The one-time link that sets up the first administrator, while there is none.
    #[must_use]
    pub fn setup(&self) -> Option<&str> {
        self.setup.as_deref()
    }
}

impl AsRef<Self> for Announcement {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// A running server with its data in the test's folder.
#[derive(Debug)]
pub struct Server {
    process: Process,
    announcement: Announcement,
}

impl AsRef<Announcement> for Server {
    fn as_ref(&self) -> &Announcement {
        &self.announcement
    }
}

impl Server {
    /// Starts a server on the SQLite database in the folder.
    ///
    /// # Errors
    /// When it does not start.
    pub fn on_sqlite(folder: &Folder) -> Result<Self> {
        Self::start(folder, Self::program(folder)?)
    }

    /// Starts a server on the database at `url`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn on_database(folder: &Folder, url: &str) -> Result<Self> {
        // A password belongs in the environment, not where every user can list it.
        Self::start(folder, Self::program(folder)?.env("TAPCARD_DATABASE", url))
    }

    /// The command that serves, with free ports and the folder's data.
    ///
    /// # Errors
    /// When the server has not been built.
    pub fn program(folder: &Folder) -> Result<Program> {
        Self::program_at(folder, 0, 0)
    }

    /// The command that serves on these ports of this machine, so that it can be started again where it was.
    ///
    /// # Errors
    /// When the server has not been built.
    pub fn program_at(folder: &Folder, https: u16, http: u16) -> Result<Program> {
        let line = Self::line(folder, https, http)?;
        let (program, arguments) = line.split_first().ok_or_else(|| unexpected("no command"))?;
        Ok(folder.program(program).args(arguments))
    }

    /// The command that serves on free ports, with its arguments, for another program that runs it.
    ///
    /// # Errors
    /// When the server has not been built.
    pub fn command_line(folder: &Folder) -> Result<Vec<OsString>> {
        Self::line(folder, 0, 0)
    }

    fn line(folder: &Folder, https: u16, http: u16) -> Result<Vec<OsString>> {
        let mut line = vec![folder.binaries().enroll_server()?.into_os_string()];
        line.extend([
            OsString::from("serve"),
            format!("--listen=127.0.0.1:{https}").into(),
            format!("--listen-http=127.0.0.1:{http}").into(),
            "--name=localhost".into(),
            "--organisation=Example Works".into(),
            "--data".into(),
            Self::data(folder).into(),
        ]);
        Ok(line)
    }

    /// The folder with its data.
    #[must_use]
    pub fn data(folder: &Folder) -> PathBuf {
        folder.join(DATA)
    }

    /// Starts a prepared server and reads where it listens.
    ///
    /// # Errors
    /// When it ends, or does not say where it listens.
    pub fn start(folder: &Folder, program: Program) -> Result<Self> {
        // Nobody has set up a server that has no data yet: it says how.
        let is_new = !Self::data(folder).exists();
        let lines_before = std::fs::read_to_string(folder.join("server.out.log"))
            .unwrap_or_default()
            .lines()
            .count();
        let mut process = program.start(folder, "server")?;
        let announcement = process.wait_for("says where it listens", START_LIMIT, |process| {
            let text = process.stdout_text();
            let own: String = text.split_inclusive('\n').skip(lines_before).collect();
            Announcement::read(&own, is_new)
        })?;
        Ok(Self {
            process,
            announcement,
        })
    }

    /// The portal's address, without a slash at the end.
    #[must_use]
    pub fn portal(&self) -> &str {
        self.announcement.portal()
    }

    /// The address of what relying parties fetch (CRL, OCSP, certificates), without a slash at the end.
    #[must_use]
    pub fn relying_parties(&self) -> &str {
        self.announcement.relying_parties()
    }

    /// The root certificate's file, PEM.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.announcement.root()
    }

    /// The issuing certificate's file, PEM.
    #[must_use]
    pub fn issuing(&self) -> PathBuf {
        self.root().with_file_name("issuing.pem")
    }

    /// The chain's file, PEM.
    #[must_use]
    pub fn chain(&self) -> PathBuf {
        self.root().with_file_name("chain.pem")
    }

    /// The one-time link that sets up the first administrator, while there is none.
    #[must_use]
    pub fn setup(&self) -> Option<&str> {
        self.announcement.setup()
    }

    /// Where sshd asks for a person's keys; the user's name comes after it.
    #[must_use]
    pub fn authorized_keys(&self) -> String {
        format!("{}/api/v1/ssh/authorized-keys/", self.portal())
    }

    /// As [`Process::processor_time`].
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn processor_time(&self) -> Result<Duration> {
        self.process.processor_time()
    }

    /// How many descriptors it may have open.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn descriptors(&self) -> Result<u64> {
        self.said_by_kernel("limits", "Max open files")
    }

    /// The most memory that it has had, in kB.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn peak_memory(&self) -> Result<u64> {
        self.said_by_kernel("status", "VmHWM:")
    }

    fn said_by_kernel(&self, file: &str, begin: &str) -> Result<u64> {
        let path = format!("/proc/{}/{file}", self.process.id());
        let text = std::fs::read_to_string(&path).doing(|| format!("read {path}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(begin));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| unexpected(format!("{path} does not say it")))
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.stderr_text()
    }

    /// Stops it as its operator would.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(self) -> Result<ExitStatus> {
        self.process.stop()
    }

    /// Kills it, as a power failure would.
    ///
    /// # Errors
    /// When it does not end.
    pub fn kill(self) -> Result {
        self.process.kill()
    }
}
