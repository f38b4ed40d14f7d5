//! What the user is told while the module waits and no dialog tells: on the program's terminal, or else on the desktop.

#[cfg(not(any(windows, target_os = "macos")))]
pub mod address;
#[cfg(not(any(windows, target_os = "macos")))]
mod bus;
#[cfg(not(any(windows, target_os = "macos")))]
mod desktop;
#[cfg(not(any(windows, target_os = "macos")))]
mod message;
#[cfg(any(windows, target_os = "macos"))]
mod no_desktop;
pub mod terminal;

use std::sync::Arc;
use std::time::Duration;

use card_host::user_folder::Environment;

use crate::end::End;
use crate::platform;
#[cfg(not(any(windows, target_os = "macos")))]
use address::SessionBus;
#[cfg(not(any(windows, target_os = "macos")))]
use desktop::{Desktop, Notice};
#[cfg(any(windows, target_os = "macos"))]
use no_desktop::{Desktop, Notice, SessionBus};
use terminal::Terminal;

/// Where the user of a program is told.
#[derive(Debug, Default)]
pub struct Audience {
    /// At its terminal.
    pub terminal: Option<Terminal>,
    /// On the desktop, where no terminal shows it.
    pub desktop: Option<SessionBus>,
}

impl Audience {
    /// The user of this program; `environment` is `None` where its caller must not lead it. What runs as root serves others, and
    /// speaks to no desktop that they name.
    #[must_use]
    pub fn of_program(environment: Option<Environment<'_>>) -> Self {
        let is_users = !platform::is_of_system();
        Self {
            terminal: Some(Terminal),
            desktop: environment
                .filter(|_| is_users)
                .and_then(SessionBus::of_user),
        }
    }
}

/// Tells the user.
pub struct Announcer {
    terminal: Option<Terminal>,
    desktop: Option<Desktop>,
}

impl Announcer {
    /// Tells this user, until the module's end.
    #[must_use]
    pub fn new(audience: Audience, end: Arc<End>) -> Self {
        Self {
            terminal: audience.terminal,
            desktop: audience.desktop.map(|bus| Desktop::new(bus, end)),
        }
    }

    /// Tells the user, on the desktop for this time at most. Waits for nothing.
    pub fn tell(&self, text: &str, time: Duration) -> Announcement {
        let line = format!("Tapcard: {text}");
        if self.terminal.is_some_and(|terminal| terminal.show(&line)) {
            return Announcement(None);
        }
        let desktop = self.desktop.as_ref();
        Announcement(desktop.and_then(|desktop| desktop.show(text, time)))
    }

    /// Once the end has come: waits until nothing is shown on the desktop any more, no longer than the end lasts.
    pub fn close(&self) {
        if let Some(desktop) = &self.desktop {
            desktop.close();
        }
    }
}

/// What the user was told. On the desktop it is shown as long as this lives.
#[must_use]
pub struct Announcement(Option<Notice>);

impl Announcement {
    /// Whether it goes away with this value: a line on a terminal stays.
    #[must_use]
    pub fn goes(&self) -> bool {
        self.0.is_some()
    }

    /// Leaves it on the desktop for its time.
    pub fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if let Some(notice) = &self.0 {
            notice.end();
        }
    }
}
