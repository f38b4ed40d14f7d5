//! A story of steps, one line each: what was done, what came of it, how long it took.

use std::io::{IsTerminal, Write, stdout};
use std::path::Path;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// Width of the column with a step's name.
const NAME_WIDTH: usize = 15;
/// Width of the column with what came of it.
const OUTCOME_WIDTH: usize = 72;

/// Tells the steps of a command.
#[derive(Debug)]
pub struct Story<'a> {
    logs: &'a Path,
    start: Instant,
}

impl<'a> Story<'a> {
    /// A story whose programs write their logs to a folder.
    pub fn with_logs(logs: &'a Path) -> Self {
        Self {
            logs,
            start: Instant::now(),
        }
    }

    /// Does a step and tells what came of it. `doing` is shown while it lasts.
    pub fn step<T>(
        &self,
        name: &str,
        doing: &str,
        step: impl FnOnce() -> rig::Result<(T, String)>,
    ) -> Result<T> {
        Interrupt::check()?;
        if stdout().is_terminal() {
            print!("  … {name:NAME_WIDTH$} {doing}");
            let _ = stdout().flush();
        }
        let start = Instant::now();
        let done = step();
        if stdout().is_terminal() {
            print!("\r\x1b[2K");
        }
        match done {
            Ok((value, outcome)) => {
                tell(name, &outcome, start);
                Ok(value)
            }
            Err(reason) => {
                println!("  ✗ {name:NAME_WIDTH$} {doing}");
                // What was interrupted has often failed because of that.
                Interrupt::check()?;
                Err(Error::Step {
                    step: name.to_owned(),
                    reason,
                    logs: self.logs.to_owned(),
                })
            }
        }
    }

    /// How long the story has taken so far, in words.
    pub fn duration(&self) -> String {
        seconds(self.start)
    }
}

/// Tells a step that is done.
pub fn tell(name: &str, outcome: &str, start: Instant) {
    println!(
        "  ✓ {name:NAME_WIDTH$} {outcome:OUTCOME_WIDTH$} {:>8}",
        seconds(start)
    );
}

/// The time since then, in words.
pub fn seconds(start: Instant) -> String {
    let seconds = start.elapsed().as_secs_f32();
    if seconds < 90.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.1} min", seconds / 60.0)
    }
}
