//! A line for the person at the terminal, where the program has one: for what the module waits for, and no dialog tells.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use plain_text::Plain;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// The terminal that the process belongs to, whatever its output is.
const TERMINAL: &str = "/dev/tty";

/// Shows a line on the program's terminal. A program without one, or in the background, which a terminal may stop for
/// writing to it, shows nothing.
pub fn show(text: &str) {
    let terminal = OpenOptions::new()
        .write(true)
        // A terminal that was stopped keeps nobody waiting.
        .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
        .open(TERMINAL);
    let Ok(mut terminal) = terminal else { return };
    if tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()) {
        // A terminal that takes no text is not the caller's concern.
        drop(terminal.write_all(format!("{}\r\n", Plain(text)).as_bytes()));
    }
}
