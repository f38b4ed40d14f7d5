//! A line for the person at the terminal, where the program has one.

use std::io::Write;

use plain_text::Plain;

use crate::platform;

/// The program's terminal, should it have one.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Terminal {
    /// Shows a line there; whether it is shown. A program without a terminal, or in the background, which a terminal may stop
    /// for writing to it, shows nothing.
    #[must_use]
    pub fn show(self, text: &str) -> bool {
        let line = format!("{}\r\n", Plain(text));
        platform::open_terminal()
            .is_some_and(|mut terminal| terminal.write_all(line.as_bytes()).is_ok())
    }
}
