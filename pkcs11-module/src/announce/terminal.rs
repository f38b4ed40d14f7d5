//! A line for the person at the terminal, where the program has one.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use plain_text::Plain;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// The terminal that the process belongs to, whatever its output is.
const PATH: &str = "/dev/tty";

/// The program's terminal, should it have one.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Terminal {
    /// Shows a line there; whether it is shown. A program without a terminal, or in the background, which a terminal may stop
    /// for writing to it, shows nothing.
    #[must_use]
    pub fn show(self, text: &str) -> bool {
        let terminal = OpenOptions::new()
            .write(true)
            // A terminal that was stopped keeps nobody waiting.
            .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
            .open(PATH);
        let Ok(mut terminal) = terminal else {
            return false;
        };
        let line = format!("{}\r\n", Plain(text));
        tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp())
            && terminal.write_all(line.as_bytes()).is_ok()
    }
}
