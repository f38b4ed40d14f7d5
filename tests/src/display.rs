//! An X display that nobody sees, for programs that ask their user in a window, and the hands that answer.

use std::path::Path;
use std::time::Duration;

use crate::error::Error;
use crate::folder::Folder;
use crate::process::Process;
use crate::wait::wait_for;
use crate::{Result, unexpected};

const SERVER: &str = "/usr/bin/Xvfb";
const START_LIMIT: Duration = Duration::from_secs(20);
const WINDOW_LIMIT: Duration = Duration::from_secs(30);

/// A running X server.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Process,
}

impl Display {
    /// Starts a server on a display that is free.
    ///
    /// # Errors
    /// When Xvfb is not installed, or does not start.
    pub fn start(folder: &Folder) -> Result<Self> {
        if !Path::new(SERVER).exists() {
            return Err(Error::Missing {
                what: SERVER.to_owned(),
                remedy: "install the Debian package xvfb".to_owned(),
            });
        }
        let mut server = folder
            .program(SERVER)
            .args(["-displayfd", "1", "-nolisten", "tcp"])
            .args(["-screen", "0", "1280x1024x24"])
            .start(folder, "xvfb")?;
        let number = server.wait_for("says its display", START_LIMIT, |server| {
            let said = server.stdout_text();
            Ok(said.strip_suffix('\n').map(str::to_owned))
        })?;
        Ok(Self {
            name: format!(":{number}"),
            _server: server,
        })
    }

    /// What programs know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for a window whose title begins so, and which is not among those `answered`; returns its number.
    ///
    /// # Errors
    /// When none comes.
    pub fn window(&self, folder: &Folder, title: &str, answered: &[String]) -> Result<String> {
        wait_for(&format!("a window \"{title}\""), WINDOW_LIMIT, || {
            let found = self
                .hands(folder)
                .args(["search", "--onlyvisible", "--name", &format!("^{title}")])
                .run()?;
            let found = found.text();
            let new = found
                .lines()
                .find(|one| !answered.iter().any(|it| it == one));
            Ok(new.map(str::to_owned))
        })
    }

    /// Types into a window, and presses Return.
    ///
    /// # Errors
    /// When it is not there any more, or does not take the focus.
    pub fn type_into(&self, folder: &Folder, window: &str, text: &str) -> Result {
        self.hands(folder)
            .args(["windowfocus", "--sync", window])
            .args(["type", "--delay", "5", text])
            .succeed()?;
        self.press(folder, "Return")
    }

    /// Presses a key.
    ///
    /// # Errors
    /// When the display does not take it.
    pub fn press(&self, folder: &Folder, key: &str) -> Result {
        let pressed = self.hands(folder).args(["key", key]).run()?;
        if pressed.status.success() {
            Ok(())
        } else {
            Err(unexpected(format!("no key: {}", pressed.all_text())))
        }
    }

    fn hands(&self, folder: &Folder) -> crate::program::Program {
        folder.program("xdotool").env("DISPLAY", &self.name)
    }
}
