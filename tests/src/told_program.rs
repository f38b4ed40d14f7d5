//! A long-running program that is told what to do, a word a line on standard input, and prints for each how it ended and how
//! long it took in milliseconds.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::process::Process;
use crate::program::Program;
use crate::wait::wait_for;
use crate::{Result, unexpected};

/// More than anything of ours waits for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// `ok`, the name of an error, or what the program says in one word.
    pub result: String,
    /// How long it took, in whole milliseconds.
    pub took: Duration,
}

impl Done {
    /// Whether it ended well.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.result == "ok"
    }
}

/// The program, running.
#[derive(Debug)]
pub struct ToldProgram {
    process: Process,
    requests: UnixStream,
    asked: usize,
}

impl ToldProgram {
    /// Starts it; it does nothing yet. `name` is that of its log.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(folder: &Folder, program: Program, name: &str) -> Result<Self> {
        let (requests, stdin) =
            UnixStream::pair().doing(|| "make a program's standard input".to_owned())?;
        Ok(Self {
            process: program.stdin(OwnedFd::from(stdin)).start(folder, name)?,
            requests,
            asked: 0,
        })
    }

    /// The program.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Begins a task.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn begin(&mut self, task: &str) -> Result {
        writeln!(self.requests, "{task}").doing(|| format!("ask for {task}"))?;
        self.asked += 1;
        Ok(())
    }

    /// How the task ended that was begun last, if it has.
    ///
    /// # Errors
    /// When the program says what nobody understands.
    pub fn ended(&self) -> Result<Option<Done>> {
        done_of(&self.process, self.asked)
    }

    /// Waits for the end of the task that was begun last.
    ///
    /// # Errors
    /// When it does not end, or the program has ended.
    pub fn finish(&mut self) -> Result<Done> {
        let asked = self.asked;
        self.process
            .wait_for("ends its task", LIMIT, |process| done_of(process, asked))
    }

    /// Has nothing more for it to do, and waits for its end.
    ///
    /// # Errors
    /// When it does not end.
    pub fn end(self) -> Result<ExitStatus> {
        let Self {
            mut process,
            requests,
            ..
        } = self;
        drop(requests);
        wait_for("a program ends that has nothing to do", LIMIT, || {
            process.exit_status()
        })
    }

    /// Does a task.
    ///
    /// # Errors
    /// As [`ToldProgram::begin`] and [`ToldProgram::finish`].
    pub fn act(&mut self, task: &str) -> Result<Done> {
        self.begin(task)?;
        self.finish()
    }
}

/// The `number`-th answer, from 1.
fn done_of(process: &Process, number: usize) -> Result<Option<Done>> {
    let text = process.stdout_text();
    // A line without its end is not whole.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let Some(line) = whole.lines().nth(number.saturating_sub(1)) else {
        return Ok(None);
    };
    let done = line.rsplit_once(' ').and_then(|(result, took)| {
        Some(Done {
            result: result.to_owned(),
            took: Duration::from_millis(took.parse().ok()?),
        })
    });
    done.map(Some)
        .ok_or_else(|| unexpected(format!("a program that was told what to do says {line:?}")))
}
