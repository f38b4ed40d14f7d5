//! A running program of a test's own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take that is waited for: these machines are busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Looks again and again until there is something.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that is ended with the test.
pub struct Program {
    child: Child,
    said: BufReader<ChildStdout>,
    log: tempfile::NamedTempFile,
}

impl Program {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        Self {
            said: BufReader::new(child.stdout.take().unwrap()),
            child,
            log,
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// What follows `start` on a line that it prints.
    pub fn says(&mut self, start: &str) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("it did not say {start:?}: {}", self.log());
    }

    /// Waits until the log has these words.
    pub fn logs(&self, words: &str) {
        wait_for(words, || self.log().contains(words).then_some(()));
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        send(signal, self.id());
    }

    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        wait_for("the end", || self.child.try_wait().unwrap())
    }

    /// Has it end as a service manager would.
    pub fn stop(&mut self) {
        self.signal("TERM");
        let status = self.end();
        assert!(status.success(), "{status}: {}", self.log());
        self.logs("the server has ended");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a process a signal.
pub fn send(signal: &str, process: u32) {
    let status = Command::new("kill")
        .args(["-s", signal, &process.to_string()])
        .status();
    assert!(status.unwrap().success());
}
