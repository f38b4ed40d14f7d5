//! The account of whoever runs this, as the system keeps it: some programs look there for the home folder, whatever `HOME`
//! says.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::surroundings::Surroundings;

/// The home folder of the account; `None` where nobody can tell.
///
/// `getent` asks every source of accounts, directories too, as the programs themselves do.
#[must_use]
pub fn home(surroundings: &Surroundings) -> Option<PathBuf> {
    let getent = surroundings.program(&["getent"])?;
    let told = Command::new(getent)
        .args(["passwd", &surroundings.user.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    home_of(&String::from_utf8(told.stdout).ok()?)
}

/// The home folder in a line of passwd(5).
fn home_of(line: &str) -> Option<PathBuf> {
    let home = PathBuf::from(line.trim_end().split(':').nth(5)?);
    home.is_absolute().then_some(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_the_sixth_field() {
        let alice = Some(PathBuf::from("/home/alice"));
        for (line, home) in [
            ("alice:x:1000:1000:Alice,,,:/home/alice:/bin/sh\n", alice),
            ("alice:x:1000:1000:Alice,,,::/bin/sh\n", None),
            ("alice:x:1000\n", None),
            ("", None),
        ] {
            assert_eq!(home_of(line), home, "{line}");
        }
    }
}
