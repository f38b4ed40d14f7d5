//! A user's desktop: a D-Bus session bus of its own, an X display that nobody sees, and a server of notices (dunst) on both.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::display::Display;
use crate::error::Error;
use crate::folder::Folder;
use crate::process::Process;
use crate::program::Program;
use crate::wait::wait_until;
use crate::{Result, unexpected};

const START_LIMIT: Duration = Duration::from_secs(20);
const NOTICE_LIMIT: Duration = Duration::from_secs(30);

/// A running desktop.
#[derive(Debug)]
pub struct Desktop {
    socket: PathBuf,
    // Ended in this order.
    _notices: Process,
    _bus: Process,
    display: Display,
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its title.
    pub summary: String,
    /// The text beneath, in markup.
    pub body: String,
}

impl Desktop {
    /// Starts it.
    ///
    /// # Errors
    /// When one of its programs is not installed, or does not start.
    pub fn start(folder: &Folder) -> Result<Self> {
        for (program, package) in [
            ("/usr/bin/dbus-daemon", "dbus-daemon"),
            ("/usr/bin/dunst", "dunst"),
        ] {
            if !Path::new(program).exists() {
                return Err(Error::Missing {
                    what: program.to_owned(),
                    remedy: format!("install the Debian package {package}"),
                });
            }
        }
        let display = Display::start(folder)?;
        let socket = folder.join("session-bus");
        let bus = start_bus(folder, &socket)?;
        let notices = on(folder.program("/usr/bin/dunst"), &socket)
            .env("DISPLAY", display.name())
            .start(folder, "dunst")?;
        let desktop = Self {
            socket,
            _notices: notices,
            _bus: bus,
            display,
        };
        wait_until("the server of notices answers", START_LIMIT, || {
            Ok(desktop.count(folder).is_ok())
        })?;
        Ok(desktop)
    }

    /// This program on the desktop.
    #[must_use]
    pub fn program(&self, program: Program) -> Program {
        on(program, &self.socket)
    }

    /// The X display.
    #[must_use]
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// Waits until this number of notices is on the screen.
    ///
    /// # Errors
    /// When there are others.
    pub fn shows(&self, folder: &Folder, count: usize) -> Result {
        wait_until(
            &format!("the desktop shows {count} notices"),
            NOTICE_LIMIT,
            || Ok(self.count(folder)? == count),
        )
    }

    fn count(&self, folder: &Folder) -> Result<usize> {
        let counted = self
            .program(folder.program("dunstctl"))
            .args(["count", "displayed"])
            .succeed()?
            .text();
        let counted = counted.trim();
        counted
            .parse()
            .map_err(|_| unexpected(format!("not a number: {counted}")))
    }

    /// What notices have said that are closed, the first one first.
    ///
    /// # Errors
    /// When the server of notices does not tell.
    pub fn closed(&self, folder: &Folder) -> Result<Vec<Notice>> {
        let told = self
            .program(folder.program("dunstctl"))
            .arg("history")
            .succeed()?
            .text();
        let told: Value = serde_json::from_str(&told)
            .map_err(|error| unexpected(format!("{error} in the history: {told}")))?;
        let notices = told.pointer("/data/0").and_then(Value::as_array);
        let text = |notice: &Value, field: &str| {
            let text = notice.pointer(&format!("/{field}/data"));
            text.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let notices = notices.into_iter().flatten().map(|notice| Notice {
            summary: text(notice, "summary"),
            body: text(notice, "body"),
        });
        let mut notices: Vec<Notice> = notices.collect();
        notices.reverse();
        Ok(notices)
    }
}

/// This program at the session bus that listens there.
fn on(program: Program, socket: &Path) -> Program {
    let address = format!("unix:path={}", socket.display());
    program.env("DBUS_SESSION_BUS_ADDRESS", address)
}

/// A session bus that starts no services by itself.
fn start_bus(folder: &Folder, socket: &Path) -> Result<Process> {
    let configuration = format!(
        r#"<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    );
    let configuration = folder.write("session-bus.conf", configuration)?;
    let mut bus = folder
        .program("/usr/bin/dbus-daemon")
        .arg("--config-file")
        .arg(configuration)
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .start(folder, "dbus-daemon")?;
    bus.wait_for("says its address", START_LIMIT, |bus| {
        Ok(bus.stdout_text().ends_with('\n').then_some(()))
    })?;
    Ok(bus)
}
