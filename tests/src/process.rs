//! A program that runs in the background for as long as its value lives.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::error::Doing;
use crate::wait::wait_for;
use crate::{Error, Result};

/// How long a program may take to end when asked.
const GRACE: Duration = Duration::from_secs(10);

/// The unit of times in /proc: USER_HZ, which is the same on every Linux that we build for.
const TICKS_A_SECOND: u32 = 100;

/// A running program; ended and reaped, with everything that it has started, when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    command: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    pub(crate) fn new(
        name: &str,
        command: String,
        child: Child,
        stdout: PathBuf,
        stderr: PathBuf,
    ) -> Self {
        Self {
            name: name.to_owned(),
            command,
            child,
            stdout,
            stderr,
        }
    }

    /// Its process number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file with its standard output.
    #[must_use]
    pub fn stdout(&self) -> &Path {
        &self.stdout
    }

    /// What it has written to standard output so far.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// How much processor time it has used so far, in user and kernel mode, its ended children aside.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn processor_time(&self) -> Result<Duration> {
        // proc_pid_stat(5): the program's name stands in brackets and may hold anything; utime and stime are the 14th and
        // 15th field, in ticks.
        let path = format!("/proc/{}/stat", self.child.id());
        let text = fs::read_to_string(&path).doing(|| format!("read {path}"))?;
        let after_name = text.rsplit(')').next().unwrap_or_default();
        let ticks: Option<u64> = match after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .collect::<Vec<_>>()[..]
        {
            [user, kernel] => user
                .parse::<u64>()
                .ok()
                .zip(kernel.parse::<u64>().ok())
                .map(|(user, kernel)| user + kernel),
            _ => None,
        };
        ticks
            .map(|ticks| Duration::from_secs(ticks) / TICKS_A_SECOND)
            .ok_or_else(|| crate::unexpected(format!("{path} reads {text:?}")))
    }

    /// Waits for a condition of a program that has to keep running meanwhile.
    ///
    /// # Errors
    /// [`Error::Program`] when it ends before, [`Error::Timeout`] when the time is over.
    pub fn wait_for<T>(
        &mut self,
        what: &str,
        bound: Duration,
        mut probe: impl FnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        wait_for(&format!("{}: {what}", self.name), bound, || {
            if let Some(value) = probe(self)? {
                return Ok(Some(value));
            }
            match self.exit_status()? {
                Some(status) => Err(self.ended_early(status)),
                None => Ok(None),
            }
        })
    }

    fn ended_early(&self, status: ExitStatus) -> Error {
        Error::Program {
            command: self.command.clone(),
            outcome: format!("ended early ({status})"),
            output: format!("{}{}", self.stdout_text(), self.stderr_text()),
        }
    }

    /// How often these bytes are in its memory.
    ///
    /// # Errors
    /// When the kernel does not show it.
    pub fn times_in_memory(&self, bytes: &[u8]) -> Result<usize> {
        let folder = PathBuf::from(format!("/proc/{}", self.id()));
        let doing = || format!("read the memory of {}", self.name);
        let maps = fs::read_to_string(folder.join("maps")).doing(doing)?;
        let memory = fs::File::open(folder.join("mem")).doing(doing)?;
        // proc_pid_maps(5): each line begins with the addresses, in hexadecimal, and what may be done there.
        let readable = maps.lines().filter_map(|line| {
            let (addresses, rest) = line.split_once(' ')?;
            let (from, to) = addresses.split_once('-')?;
            let from = u64::from_str_radix(from, 16).ok()?;
            let length = u64::from_str_radix(to, 16).ok()?.checked_sub(from)?;
            rest.starts_with('r')
                .then_some((from, usize::try_from(length).ok()?))
        });
        let mut found = 0;
        for (from, length) in readable {
            let mut content = vec![0; length];
            // What is mapped may not be there, as beyond a file's end, and the kernel's own pages are not shown.
            if memory.read_exact_at(&mut content, from).is_ok() {
                let places = content.windows(bytes.len());
                found += places.filter(|place| *place == bytes).count();
            }
        }
        Ok(found)
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .doing(|| format!("look after `{}`", self.command))
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn signal(&self, signal: Signal) -> Result {
        let pid =
            pid_of(&self.child).ok_or_else(|| crate::unexpected("a process without a number"))?;
        kill_process(pid, signal)
            .map_err(std::io::Error::from)
            .doing(|| format!("send a signal to {}", self.name))
    }

    /// Sends a signal to it and to everything that it has started.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn signal_all(&self, signal: Signal) -> Result {
        let mut processes = vec![self.id()];
        let mut seen = 0;
        while let Some(process) = processes.get(seen) {
            processes.extend(children(*process)?);
            seen += 1;
        }
        for process in processes {
            let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
            let pid = pid.ok_or_else(|| crate::unexpected("a process without a number"))?;
            match kill_process(pid, signal) {
                // It has ended meanwhile.
                Err(rustix::io::Errno::SRCH) => {}
                outcome => outcome
                    .map_err(std::io::Error::from)
                    .doing(|| format!("send a signal to {}", self.name))?,
            }
        }
        Ok(())
    }

    /// Stops it and everything that it has started, as a computer that is suspended does.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn suspend(&self) -> Result {
        self.signal_all(Signal::STOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn resume(&self) -> Result {
        self.signal_all(Signal::CONT)
    }

    /// Kills it at once, as a power failure would, and waits for its end.
    ///
    /// # Errors
    /// When it does not end.
    pub fn kill(mut self) -> Result {
        end_group(&mut self.child);
        Ok(())
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        let what = format!("{} ends when asked", self.name);
        wait_for(&what, GRACE, || self.exit_status())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end_group(&mut self.child);
    }
}

/// Kills a child with all that it has started, and reaps it.
pub(crate) fn end_group(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None))
        && let Some(pid) = pid_of(child)
    {
        // The child leads a group of its own once setsid has run; until then there is only itself.
        if kill_process_group(pid, Signal::KILL).is_err() {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = child.wait();
    }
}

fn pid_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// The numbers of the processes that a process has started.
fn children(process: u32) -> Result<Vec<u32>> {
    let path = format!("/proc/{process}/task/{process}/children");
    let children = fs::read_to_string(&path).doing(|| format!("read {path}"))?;
    Ok(children
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect())
}
