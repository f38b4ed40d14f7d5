//! A mail server that keeps what it is given: aiosmtpd, which takes mail over STARTTLS alone, and from one user.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::openssl::issued_for_localhost;
use crate::process::Process;
use crate::program::Program;
use crate::{Error, Result, unexpected};

/// The Python that Debian's packages are for.
const PYTHON: &str = "/usr/bin/python3";
const LIBRARY: &str = "/usr/lib/python3/dist-packages/aiosmtpd";
const SCRIPT: &str = include_str!("sink.py");
const START_LIMIT: Duration = Duration::from_secs(30);
const USER: &str = "tapcard";
const PASSWORD: &str = "only for this test";

/// The mail server.
#[derive(Debug)]
pub struct MailSink {
    // Ends with the test.
    _process: Process,
    place: PathBuf,
    port: u16,
}

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Mail(String);

impl MailSink {
    /// Starts one.
    ///
    /// # Errors
    /// When it is not installed, or does not start.
    pub fn start(folder: &Folder) -> Result<Self> {
        if !Path::new(LIBRARY).exists() {
            return Err(Error::Missing {
                what: LIBRARY.to_owned(),
                remedy: "install the Debian package python3-aiosmtpd".to_owned(),
            });
        }
        let place = folder.subfolder("mail")?;
        issued_for_localhost(folder, &place)?;
        let script = folder.write("mail/sink.py", SCRIPT)?;
        let mut process = folder
            .program(PYTHON)
            .arg(script)
            .arg(&place)
            .arg(place.join("site.pem"))
            .arg(place.join("site.key"))
            .args([USER, PASSWORD])
            .start(folder, "mail-sink")?;
        let port = process.wait_for("says its port", START_LIMIT, |process| {
            Ok(process.stdout_text().trim().parse().ok())
        })?;
        Ok(Self {
            _process: process,
            place,
            port,
        })
    }

    /// A server's command, so that it sends its mail here.
    ///
    /// # Errors
    /// When the password cannot be written.
    pub fn used_by(&self, folder: &Folder, program: Program) -> Result<Program> {
        let password = folder.write("mail-password", PASSWORD)?;
        Ok(program
            .env("SSL_CERT_FILE", self.place.join("authority.pem"))
            .args(["--mail-server=localhost", "--mail-tls=starttls"])
            .arg(format!("--mail-port={}", self.port))
            .arg(format!("--mail-user={USER}"))
            .arg("--mail-password-file")
            .arg(password)
            .arg("--mail-from=Example Works <cards@example.test>"))
    }

    /// Takes what comes and answers nothing, until it is told otherwise.
    ///
    /// # Errors
    /// When the file system fails.
    pub fn hold(&self, is_held: bool) -> Result {
        let file = self.place.join("hold");
        let done = if is_held {
            fs::write(&file, "")
        } else {
            fs::remove_file(&file)
        };
        done.doing(|| format!("hold the mail server by {}", file.display()))
    }

    /// What it was given, in order.
    ///
    /// # Errors
    /// When a mail is not text.
    pub fn mails(&self) -> Result<Vec<Mail>> {
        let mut mails = Vec::new();
        for number in 1.. {
            let file = self.place.join(format!("{number}.eml"));
            if !file.exists() {
                break;
            }
            let mail = fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            mails.push(Mail(mail));
        }
        Ok(mails)
    }
}

impl Mail {
    /// A header in one line.
    ///
    /// # Errors
    /// When there is none.
    pub fn header(&self, name: &str) -> Result<String> {
        let head = self.0.replace("\r\n", "\n");
        let head = head.split("\n\n").next().unwrap_or_default();
        let head = head.replace("\n ", " ");
        let start = format!("{name}: ");
        let line = head.lines().find_map(|line| line.strip_prefix(&start));
        line.map(str::to_owned)
            .ok_or_else(|| unexpected(format!("no header {name}: {}", self.0)))
    }

    /// Its parts as they were before they were made fit for the way (quoted-printable).
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.0.replace("\r\n", "\n");
        text.replace("=\n", "").replace("=3D", "=")
    }
}
