//! The folders of the user (XDG Base Directory Specification).

use std::ffi::OsString;
use std::path::PathBuf;

/// Gives the value of an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// A folder of the user, from its own variable or below HOME: relative paths do not count.
#[must_use]
pub fn user_folder(
    environment: Environment<'_>,
    variable: &str,
    below_home: &str,
) -> Option<PathBuf> {
    let absolute = |name: &str| {
        environment(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}
