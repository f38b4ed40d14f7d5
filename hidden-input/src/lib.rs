//! Secrets typed at a terminal, which does not show them: PINs, passwords, invitations.
#![forbid(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// The terminal that this process belongs to.
const OWN_TERMINAL: &str = "/dev/tty";

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
    use std::io::{Read, Write};
    use std::path::PathBuf;
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
}
