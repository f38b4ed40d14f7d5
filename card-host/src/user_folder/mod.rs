//! The folders of the user.

mod kind;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

use std::ffi::OsString;
use std::path::PathBuf;

pub use kind::UserFolder;

/// Gives the value of an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl UserFolder {
    /// What is below it for this user; a path in a variable counts where it is absolute.
    #[must_use]
    pub fn of(self, environment: Environment<'_>, below: &str) -> Option<PathBuf> {
        let folder = system::folder(self, &|name| {
            environment(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        })?;
        // By its parts: people see it with the system's own sign between them.
        Some(folder.join(below).components().collect())
    }
}
