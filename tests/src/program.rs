//! Running other programs to their end, or starting them for later.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::Doing;
use crate::process::{Process, end_group};
use crate::wait::wait_for;
use crate::{Error, Result};

/// How long a program may take that is run to its end.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Folders with programs that an ordinary user's PATH lacks.
const SYSTEM_FOLDERS: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// A program with its arguments and a surrounding of its own.
///
/// It runs in a session of its own, so that no prompt reaches the terminal, and dies with the rig, however the rig
/// ends. Its home is in the test's folder; the user's agent, desktop, keys and settings are out of its sight.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    command: Command,
    input: Vec<u8>,
    stdin: Option<OwnedFd>,
    time_limit: Duration,
}

impl Program {
    pub(crate) fn new(path: &Path, home: &Path) -> Self {
        // setpriv and setsid replace themselves by the program: its process number is the child's.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "setsid"])
            .arg(path)
            .env("PATH", search_path())
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            let ours = name.to_string_lossy().starts_with("TAPCARD_");
            if ours
                || [
                    "DBUS_SESSION_BUS_ADDRESS",
                    "DISPLAY",
                    "SSH_ASKPASS",
                    "SSH_AUTH_SOCK",
                    "XDG_RUNTIME_DIR",
                ]
                .iter()
                .any(|it| name == *it)
            {
                command.env_remove(name);
            }
        }
        Self {
            path: path.to_owned(),
            arguments: Vec::new(),
            command,
            input: Vec::new(),
            stdin: None,
            time_limit: TIME_LIMIT,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets environment variables.
    #[must_use]
    pub fn envs<V: AsRef<OsStr>>(
        self,
        variables: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Self {
        variables
            .into_iter()
            .fold(self, |program, (name, value)| program.env(name, value))
    }

    /// Runs it in another folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What it reads on its standard input (nothing unless given).
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// A file as its standard input.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn input_file(self, path: &Path) -> Result<Self> {
        let file = File::open(path).doing(|| format!("open {}", path.display()))?;
        Ok(self.stdin(OwnedFd::from(file)))
    }

    /// An open file as its standard input.
    #[must_use]
    pub fn stdin(mut self, file: OwnedFd) -> Self {
        self.stdin = Some(file);
        self
    }

    /// How long [`Program::run`] lets it take, instead of a minute.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The command line, as a reader would type it.
    #[must_use]
    pub fn command_line(&self) -> String {
        let mut line = self.path.display().to_string();
        for argument in &self.arguments {
            let argument = argument.to_string_lossy();
            let quoted = argument.is_empty() || argument.contains([' ', ';', '*', '\n', '"', '$']);
            let _ = if quoted {
                write!(line, " '{argument}'")
            } else {
                write!(line, " {argument}")
            };
        }
        line
    }

    /// What it reads, as a file.
    fn input_as_file(&self) -> Result<File> {
        let mut file = scratch()?;
        file.write_all(&self.input)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .doing(|| "write a program's input".to_owned())?;
        Ok(file)
    }

    /// Runs it to its end, whatever that is.
    ///
    /// # Errors
    /// When it cannot be started or does not end in time.
    pub fn run(mut self) -> Result<Outcome> {
        let command = self.command_line();
        let (mut stdout, mut stderr) = (scratch()?, scratch()?);
        let stdin = self.input_as_file()?;
        let child = self
            .command
            .stdin(stdin)
            .stdout(duplicate(&stdout)?)
            .stderr(duplicate(&stderr)?)
            .spawn()
            .doing(|| format!("start `{command}`"))?;
        let status = end_of(child, &command, self.time_limit, || {
            format!("{}{}", text_of(&mut stdout), text_of(&mut stderr))
        })?;
        Ok(Outcome {
            command,
            status,
            stdout: bytes_of(&mut stdout),
            stderr: text_of(&mut stderr),
        })
    }

    /// Runs it to its end and takes anything but status 0 as a failure.
    ///
    /// # Errors
    /// As [`Program::run`], and [`Error::Program`] when it fails.
    pub fn succeed(self) -> Result<Outcome> {
        let outcome = self.run()?;
        if outcome.status.success() {
            Ok(outcome)
        } else {
            Err(outcome.error("failed"))
        }
    }

    /// Runs it to its end and takes status 0 as a failure: it had to refuse.
    ///
    /// # Errors
    /// As [`Program::run`], and [`Error::Program`] when it succeeds or is ended by a signal.
    pub fn fail(self) -> Result<Outcome> {
        let outcome = self.run()?;
        match outcome.status.code() {
            Some(0) => Err(outcome.error("succeeded, but should have been refused")),
            None => Err(outcome.error("crashed")),
            Some(_) => Ok(outcome),
        }
    }

    /// Starts it for later; its output goes to `NAME.log` (and `NAME.out.log`) in the folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut self, folder: impl AsRef<Path>, name: &str) -> Result<Process> {
        let line = self.command_line();
        let folder = folder.as_ref();
        let stdout = folder.join(format!("{name}.out.log"));
        let stderr = folder.join(format!("{name}.log"));
        let open = |path: &Path| {
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .doing(|| format!("open {}", path.display()))
        };
        let stdin = match self.stdin.take() {
            Some(file) => Stdio::from(file),
            None => Stdio::from(self.input_as_file()?),
        };
        let child = self
            .command
            .stdin(stdin)
            .stdout(open(&stdout)?)
            .stderr(open(&stderr)?)
            .spawn()
            .doing(|| format!("start `{line}`"))?;
        Ok(Process::new(name, line, child, stdout, stderr))
    }
}

/// How a program ended and what it wrote.
#[derive(Debug)]
pub struct Outcome {
    /// The command line.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
}

impl Outcome {
    /// Its standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Both outputs as text, for looking for words in.
    #[must_use]
    pub fn all_text(&self) -> String {
        format!("{}{}", self.text(), self.stderr)
    }

    /// This outcome as an error, with what is wrong with it.
    #[must_use]
    pub fn error(&self, wrong: &str) -> Error {
        Error::Program {
            command: self.command.clone(),
            outcome: format!("{wrong} ({})", self.status),
            output: self.all_text(),
        }
    }

    /// Takes it as an error unless both outputs together contain all of `words`.
    ///
    /// # Errors
    /// [`Error::Program`] naming what is not there.
    pub fn saying(self, words: &[&str]) -> Result<Self> {
        let text = self.all_text();
        match words.iter().find(|word| !text.contains(**word)) {
            Some(absent) => Err(self.error(&format!("did not say \"{absent}\""))),
            None => Ok(self),
        }
    }
}

fn end_of(
    mut child: Child,
    command: &str,
    limit: Duration,
    mut output: impl FnMut() -> String,
) -> Result<ExitStatus> {
    let ended = wait_for(command, limit, || {
        child.try_wait().doing(|| format!("wait for `{command}`"))
    });
    ended.map_err(|error| {
        end_group(&mut child);
        match error {
            Error::Timeout { bound, .. } => Error::Program {
                command: command.to_owned(),
                outcome: format!("did not end within {bound:?}"),
                output: output(),
            },
            other => other,
        }
    })
}

fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":");
    path.push(SYSTEM_FOLDERS);
    path
}

fn scratch() -> Result<File> {
    tempfile::tempfile().doing(|| "make a scratch file".to_owned())
}

fn duplicate(file: &File) -> Result<File> {
    file.try_clone().doing(|| "share a scratch file".to_owned())
}

fn bytes_of(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A read that fails leaves what came before it: enough for a message.
    let _ = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_end(&mut bytes));
    bytes
}

fn text_of(file: &mut File) -> String {
    String::from_utf8_lossy(&bytes_of(file)).into_owned()
}
