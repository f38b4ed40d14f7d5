//! A phone that runs as a program of its own, and a reader made of a socket.

use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A folder of its own for its owner alone, whatever the umask is: in another no card is made.
pub fn folder() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

/// `tapcard-phone`, not yet started.
pub fn phone() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-phone"));
    command.env_remove("TAPCARD_PIN").stdin(Stdio::null());
    command
}

/// A running phone and the reader that it is at. The phone ends with it.
pub struct Running {
    pub child: Child,
    pub reader: TcpStream,
}

impl Running {
    /// Starts `run` on this folder and takes its connection.
    pub fn start(folder: &Path) -> Self {
        Self::start_as(phone(), folder)
    }

    /// Starts `run` of this program on this folder and takes its connection.
    pub fn start_as(mut phone: Command, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut child = phone
            .args(["run", "--vpcd", &address, "--state"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (reader, _) = listener.accept().unwrap();
        reader.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, format!("connected to {address}\n"));
        Self { child, reader }
    }

    /// Sends a command without waiting for its answer.
    pub fn send(&mut self, apdu: &[u8]) {
        let length = u16::try_from(apdu.len()).unwrap();
        let message = [length.to_be_bytes().as_slice(), apdu].concat();
        self.reader.write_all(&message).unwrap();
    }

    /// Sends a command; the answer.
    pub fn exchange(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.send(apdu);
        let mut length = [0; 2];
        self.reader.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.reader.read_exact(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A terminal: the side that types and sees, and the program's.
pub fn terminal() -> (File, File) {
    let typing = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&typing).unwrap();
    unlockpt(&typing).unwrap();
    let name = ptsname(&typing, Vec::new()).unwrap().into_string().unwrap();
    let no_controlling_terminal = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
    let end = File::options()
        .read(true)
        .write(true)
        .custom_flags(no_controlling_terminal)
        .open(name)
        .unwrap();
    (File::from(typing), end)
}

/// Serves the card of this folder at a terminal.
pub fn run_at(end: &File, folder: &Path) -> Running {
    let mut program = Command::new("setsid");
    program
        .args(["--ctty", env!("CARGO_BIN_EXE_tapcard-phone")])
        .stdin(end.try_clone().unwrap())
        .stderr(end.try_clone().unwrap());
    Running::start_as(program, folder)
}

/// Waits at a terminal for a request to the card of this folder.
pub fn requests_at(end: File, folder: &Path) -> Child {
    Command::new("setsid")
        .args(["--ctty", env!("CARGO_BIN_EXE_tapcard-phone")])
        .args(["requests", "--wait", "--state"])
        .arg(folder)
        .stdin(end.try_clone().unwrap())
        .stdout(end.try_clone().unwrap())
        .stderr(end)
        .spawn()
        .unwrap()
}
