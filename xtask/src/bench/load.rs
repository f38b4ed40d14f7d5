//! wrk, which loads a server with one kind of request.

use std::time::Duration;

use rig::folder::Folder;
use rig::program::Program;
use rig::{Result, unexpected};

/// How long a round is.
const ROUND: Duration = Duration::from_secs(2);

/// A request, and how many connections send it.
#[derive(Debug)]
pub struct Load {
    /// Where it goes.
    pub url: String,
    /// Connections that send it all the time, each waiting for its answer.
    pub connections: u32,
    /// A header beside the usual ones: name and value.
    pub header: Option<String>,
    /// A script of wrk's that changes the request.
    pub script: Option<std::path::PathBuf>,
}

impl Load {
    /// Sends it for a round; returns how many answers came, and how many in a second.
    pub fn run(&self, folder: &Folder) -> Result<(f64, f64)> {
        let outcome = self.program(folder).succeed()?;
        let text = outcome.text();
        // wrk says nothing of these when there are none.
        for failure in ["Non-2xx", "Socket errors"] {
            if text.contains(failure) {
                return Err(outcome.error("met answers that are failures"));
            }
        }
        let value = |line: &str, after: &str| -> Option<f64> {
            line.trim().strip_prefix(after)?.trim().parse().ok()
        };
        let count = text.lines().find_map(|line| {
            let (count, rest) = line.trim().split_once(" requests in ")?;
            rest.contains(" read").then(|| count.parse().ok())?
        });
        let rate = text.lines().find_map(|line| value(line, "Requests/sec:"));
        count
            .zip(rate)
            .ok_or_else(|| unexpected(format!("wrk does not say how many answers came: {text}")))
    }

    fn program(&self, folder: &Folder) -> Program {
        let mut program = folder.program("wrk").args([
            "--threads",
            "1",
            "--connections",
            &self.connections.to_string(),
            "--duration",
            &format!("{}s", ROUND.as_secs()),
        ]);
        if let Some(header) = &self.header {
            program = program.args(["--header", header]);
        }
        if let Some(script) = &self.script {
            program = program.arg("--script").arg(script);
        }
        program.arg(&self.url)
    }
}
