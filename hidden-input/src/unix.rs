//! A Unix terminal, whose echo is switched off before the prompt.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

/// The terminal that this process belongs to.
const OWN_TERMINAL: &str = "/dev/tty";

/// How often it is looked whether an answer is still waited for.
const GLANCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// The most bytes that a terminal gives as a line.
const LINE_MAX: usize = 4096;

/// Asks for a secret at the terminal of this process: one line, without its end.
///
/// The terminal shows nothing from before the prompt on: an answer that comes at once, from a quick hand or a program,
/// is not shown either.
///
/// # Errors
/// Where there is no terminal, or the person ends the input.
pub fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    ask_at(Path::new(OWN_TERMINAL), prompt)
}

fn ask_at(terminal: &Path, prompt: &str) -> io::Result<Zeroizing<String>> {
    let _hidden = Hidden::at(terminal)?;
    let place = terminal.to_string_lossy();
    let config = rpassword::ConfigBuilder::new()
        .input_file_path(place.as_ref())
        .output_file_path(place.as_ref())
        .build();
    rpassword::prompt_password_with_config(prompt, config).map(Zeroizing::new)
}

/// As [`ask`], of what is typed from the prompt on, for as long as somebody waits for it: `None` where `waits`, which is asked
/// ten times a second, says no before.
///
/// # Errors
/// Where there is no terminal, or what is typed is not text.
pub fn ask_while(prompt: &str, waits: impl Fn() -> bool) -> io::Result<Option<Zeroizing<String>>> {
    ask_at_while(Path::new(OWN_TERMINAL), prompt, waits)
}

fn ask_at_while(
    terminal: &Path,
    prompt: &str,
    waits: impl Fn() -> bool,
) -> io::Result<Option<Zeroizing<String>>> {
    let hidden = Hidden::at(terminal)?;
    let mut terminal = &hidden.terminal;
    tcflush(terminal, QueueSelector::IFlush)?;
    terminal.write_all(prompt.as_bytes())?;
    let line = read_while(terminal, waits);
    if matches!(line, Ok(None)) {
        // The beginning of a secret, which nobody waits for any more and whoever reads the terminal next must not get.
        tcflush(terminal, QueueSelector::IFlush)?;
    }
    // The end of the line was not shown either.
    terminal.write_all(b"\n")?;
    line
}

fn read_while(
    mut terminal: &File,
    waits: impl Fn() -> bool,
) -> io::Result<Option<Zeroizing<String>>> {
    while waits() {
        let mut watched = [PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut watched, Some(&GLANCE)) {
            Ok(0) | Err(Errno::INTR) => continue,
            ready => ready?,
        };
        // A terminal gives a line at a time.
        let mut line = Zeroizing::new(vec![0; LINE_MAX]);
        let length = terminal.read(&mut line)?;
        let typed = line.get(..length).unwrap_or_default();
        let text = std::str::from_utf8(typed).map_err(|_| io::ErrorKind::InvalidData)?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        return Ok(Some(Zeroizing::new(text)));
    }
    Ok(None)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden {
    terminal: File,
    before: Termios,
}

impl Hidden {
    fn at(terminal: &Path) -> io::Result<Self> {
        let no_controlling_terminal = OFlags::NOCTTY.bits().cast_signed();
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_controlling_terminal)
            .open(terminal)?;
        let before = tcgetattr(&terminal)?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &hidden)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // There is nothing left to do for a terminal that is gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    fn shows(terminal: &File) -> Result<bool, Box<dyn Error>> {
        Ok(tcgetattr(terminal)?.local_modes.contains(LocalModes::ECHO))
    }

    /// Reads what the terminal shows, to the first of `end`.
    fn shown(person: &mut File, end: &[u8]) -> Result<String, Box<dyn Error>> {
        let mut seen = Vec::new();
        while !seen.ends_with(end) {
            let mut byte = [0];
            person.read_exact(&mut byte)?;
            seen.extend(byte);
        }
        Ok(String::from_utf8(seen)?)
    }

    #[test]
    fn nothing_is_shown_from_the_prompt_on() -> Result<(), Box<dyn Error>> {
        for _ in 0..50 {
            let mut person = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?);
            grantpt(&person)?;
            unlockpt(&person)?;
            let place = PathBuf::from(ptsname(&person, Vec::new())?.to_str()?);
            // A terminal that nobody has open forgets how it was set.
            let terminal = File::open(&place)?;
            assert!(shows(&terminal)?);

            let asking =
                thread::spawn(move || ask_at(&place, "PIN: ").map_err(|error| error.kind()));
            shown(&mut person, b"PIN: ")?;
            assert!(!shows(&terminal)?);
            person.write_all(b"482913\r")?;
            let typed = asking.join().map_err(|_| "the thread panicked")?;
            assert_eq!(typed.as_deref().map(String::as_str), Ok("482913"));

            assert!(shows(&terminal)?);
            person.write_all(b"shown again")?;
            assert_eq!(shown(&mut person, b"again")?.trim(), "shown again");
        }
        Ok(())
    }

    #[test]
    fn an_answer_is_taken_for_as_long_as_somebody_waits() -> Result<(), Box<dyn Error>> {
        let mut person = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?);
        grantpt(&person)?;
        unlockpt(&person)?;
        let place = PathBuf::from(ptsname(&person, Vec::new())?.to_str()?);
        let terminal = File::open(&place)?;
        for typed in [Some("482913"), Some(""), None] {
            // What was typed before is not an answer.
            person.write_all(b"111111\r")?;
            shown(&mut person, b"111111\r\n")?;
            let waits = Arc::new(AtomicBool::new(true));
            let (at, asked) = (place.clone(), waits.clone());
            let asking = thread::spawn(move || {
                ask_at_while(&at, "PIN: ", || asked.load(Ordering::SeqCst))
                    .map_err(|error| error.kind())
            });
            shown(&mut person, b"PIN: ")?;
            assert!(!shows(&terminal)?);
            match typed {
                Some(typed) => person.write_all(format!("{typed}\r").as_bytes())?,
                None => waits.store(false, Ordering::SeqCst),
            }
            let answer = asking.join().map_err(|_| "the thread panicked")?;
            let answer = answer.map(|answer| answer.map(|answer| answer.to_string()));
            assert_eq!(answer, Ok(typed.map(str::to_owned)));
            assert_eq!(shown(&mut person, b"\n")?.trim(), "");
            assert!(shows(&terminal)?);
        }
        Ok(())
    }
}
