//! A long-running program that uses the module as it is told (`tests/examples/card_tasks.rs`).

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::module::Module;
use crate::phone::PIN;
use crate::process::Process;
use crate::{Result, unexpected};

/// More than the module waits for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// `ok`, the name of a CKR_ value, or what the program says in one word.
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
pub struct CardTasks {
    process: Process,
    requests: UnixStream,
    asked: usize,
}

impl CardTasks {
    /// Starts it with the module; it does nothing yet.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn start(folder: &Folder, module: &Module) -> Result<Self> {
        let (requests, stdin) =
            UnixStream::pair().doing(|| "make a program's standard input".to_owned())?;
        let process = folder
            .program(folder.binaries().built("examples/card_tasks")?)
            .arg(module.path())
            .envs(module.environment())
            .env("CARD_TASKS_PIN", PIN)
            .stdin(OwnedFd::from(stdin))
            .start(folder, "card_tasks")?;
        Ok(Self {
            process,
            requests,
            asked: 0,
        })
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

    /// Does a task.
    ///
    /// # Errors
    /// As [`CardTasks::begin`] and [`CardTasks::finish`].
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
        .ok_or_else(|| unexpected(format!("card_tasks says {line:?}")))
}
