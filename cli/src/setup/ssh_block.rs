//! Our lines in ssh's configuration.
//!
//! ssh takes the first value that it finds (ssh_config(5)), and a `Host` line holds for all lines below it up to the next.
//! So ours stand at the end, below a `Host` line of their own: whatever a user set above goes first. Lines that somebody adds
//! below belong to that `Host` line, and would belong to another one if it were taken away.

use std::path::PathBuf;

use super::error::SetupError;
use super::files;
use super::marker::{self, Marked};
use super::state::{Done, State};

const PROGRAM: &str = "ssh";
/// What undoing must know: that the file was made for these lines.
const NEW_FILE: &str = " new-file";
/// What undoing must know: that the line above got a line end.
const LINE_END: &str = " line-end";
/// The lines of the body: `Host` and `PKCS11Provider`.
const LINES: usize = 2;

/// Our lines in ssh's configuration.
#[derive(Clone, Debug)]
pub struct SshBlock {
    /// The configuration file.
    pub path: PathBuf,
    /// For which hosts, as in a `Host` line.
    pub hosts: String,
    /// The module.
    pub module: String,
}

/// Where our lines are in a file.
struct Found {
    /// Byte of the first one.
    start: usize,
    /// Byte behind the last one.
    end: usize,
    marked: Marked,
    body: String,
}

impl SshBlock {
    /// The lines, without the mark.
    #[must_use]
    pub fn body(&self) -> String {
        format!("Host {}\n    PKCS11Provider {}\n", self.hosts, self.module)
    }

    /// What is there now.
    ///
    /// # Errors
    /// [`SetupError::File`] where it cannot be read.
    pub fn state(&self) -> Result<State, SetupError> {
        let text = files::read(&self.path)?.unwrap_or_default();
        Ok(match find(&text) {
            None => State::NotSetUp,
            Some(found) => match found.marked {
                Marked::Changed => State::Changed,
                Marked::AsMade(_) if found.body == self.body() => State::SetUp,
                Marked::AsMade(_) => State::Other,
            },
        })
    }

    /// Adds the lines, or brings them up to date.
    ///
    /// # Errors
    /// [`SetupError`] where they were changed, or cannot be written.
    pub fn apply(&self) -> Result<Done, SetupError> {
        let before = files::read(&self.path)?;
        let Some(after) = self.added_to(before.as_deref())? else {
            return Ok(Done::Nothing);
        };
        files::make_folder_of(&self.path, 0o700)?;
        let kept = files::keep(&self.path)?;
        files::write(&self.path, &after, 0o600)?;
        Ok(Done::Written(self.path.clone(), kept))
    }

    /// Takes the lines away, if they are as they were made.
    ///
    /// # Errors
    /// [`SetupError`] where they were changed, where others would change their meaning, or where they cannot be written.
    pub fn undo(&self) -> Result<Done, SetupError> {
        let Some(before) = files::read(&self.path)? else {
            return Ok(Done::Nothing);
        };
        match self.taken_from(&before)? {
            Rest::Unchanged => Ok(Done::Nothing),
            Rest::NoFile => {
                files::remove(&self.path)?;
                Ok(Done::Removed(self.path.clone()))
            }
            Rest::Text(after) => {
                let kept = files::keep(&self.path)?;
                files::write(&self.path, &after, 0o600)?;
                Ok(Done::Written(self.path.clone(), kept))
            }
        }
    }

    /// A line above ours that names a PKCS#11 module already, from 1: where its `Host` fits, ssh takes that one.
    ///
    /// # Errors
    /// [`SetupError::File`] where the file cannot be read.
    pub fn line_that_goes_first(&self) -> Result<Option<usize>, SetupError> {
        let text = files::read(&self.path)?.unwrap_or_default();
        let end = find(&text).map_or(text.len(), |found| found.start);
        let above = text.get(..end).unwrap_or_default();
        Ok(above
            .lines()
            .position(|line| keyword(line) == "pkcs11provider")
            .map(|line| line + 1))
    }

    /// The text with our lines; `None` where they are there.
    fn added_to(&self, text: Option<&str>) -> Result<Option<String>, SetupError> {
        let body = self.body();
        let before = text.unwrap_or_default();
        if let Some(found) = find(before) {
            let Marked::AsMade(also) = found.marked else {
                return Err(self.changed());
            };
            if found.body == body {
                return Ok(None);
            }
            let mut after = before.to_owned();
            after.replace_range(
                found.start..found.end,
                &(marker::line(PROGRAM, &spaced(&also), &body) + &body),
            );
            return Ok(Some(after));
        }
        let lacks_line_end = !before.is_empty() && !before.ends_with('\n');
        let also = match text {
            None => NEW_FILE,
            Some(_) if lacks_line_end => LINE_END,
            Some(_) => "",
        };
        let line_end = if lacks_line_end { "\n" } else { "" };
        Ok(Some(format!(
            "{before}{line_end}{}{body}",
            marker::line(PROGRAM, also, &body)
        )))
    }

    /// What is left without our lines.
    fn taken_from(&self, text: &str) -> Result<Rest, SetupError> {
        let Some(found) = find(text) else {
            return Ok(Rest::Unchanged);
        };
        let Marked::AsMade(also) = found.marked else {
            return Err(self.changed());
        };
        let above = text.get(..found.start).unwrap_or_default();
        let below = text.get(found.end..).unwrap_or_default();
        if let Some(line) = first_line_of_our_host(below) {
            let lines_before = text.get(..found.end).unwrap_or_default().lines().count();
            return Err(SetupError::LinesBelow {
                path: self.path.clone(),
                line: lines_before + line,
            });
        }
        let also = spaced(&also);
        if also == NEW_FILE && above.is_empty() && below.is_empty() {
            return Ok(Rest::NoFile);
        }
        let above = match above.strip_suffix('\n') {
            Some(shorter) if also == LINE_END && below.is_empty() => shorter,
            _ => above,
        };
        Ok(Rest::Text(format!("{above}{below}")))
    }

    fn changed(&self) -> SetupError {
        SetupError::Changed {
            what: "what stands below its mark",
            path: self.path.clone(),
        }
    }
}

/// What is left of a file.
enum Rest {
    /// All of it: our lines were not there.
    Unchanged,
    /// Nothing: the file was made for our lines.
    NoFile,
    /// This text.
    Text(String),
}

/// What undoing must know, as it stands behind a checksum.
fn spaced(also: &str) -> String {
    match also.trim() {
        "" => String::new(),
        word => format!(" {word}"),
    }
}

fn find(text: &str) -> Option<Found> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let behind = start + line.len();
        let body: String = text
            .get(behind..)?
            .split_inclusive('\n')
            .take(LINES)
            .collect();
        if let Some(marked) = marker::read(line.trim_end(), PROGRAM, &body) {
            return Some(Found {
                start,
                end: behind + body.len(),
                marked,
                body,
            });
        }
        start = behind;
    }
    None
}

/// The first line, from 1, that belongs to the `Host` line above this text.
fn first_line_of_our_host(below: &str) -> Option<usize> {
    for (number, line) in below.lines().enumerate() {
        match keyword(line).as_str() {
            "" => {}
            "host" | "match" => return None,
            _ => return Some(number + 1),
        }
    }
    None
}

/// A line's keyword in lower case; nothing for a comment or an empty line.
fn keyword(line: &str) -> String {
    let line = line.trim();
    if line.starts_with('#') {
        return String::new();
    }
    line.split([' ', '\t', '='])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn block(folder: &tempfile::TempDir) -> SshBlock {
        SshBlock {
            path: folder.path().join(".ssh/config"),
            hosts: "*".to_owned(),
            module: "/usr/lib/libtapcard_pkcs11.so".to_owned(),
        }
    }

    #[test]
    fn whatever_was_there_is_there_again_after_undoing() {
        for before in [
            None,
            Some(""),
            Some("Host a\n    User b\n"),
            Some("Host a\n    User b"),
            Some("# only a comment\n\n"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let block = block(&folder);
            if let Some(text) = before {
                fs::create_dir(folder.path().join(".ssh")).unwrap();
                fs::write(&block.path, text).unwrap();
                fs::set_permissions(&block.path, fs::Permissions::from_mode(0o640)).unwrap();
            }
            assert!(matches!(block.apply().unwrap(), Done::Written(..)));
            assert_eq!(block.state().unwrap(), State::SetUp);
            let applied = fs::read_to_string(&block.path).unwrap();
            assert!(applied.ends_with(&block.body()), "{applied}");
            assert!(applied.starts_with(before.unwrap_or_default()));
            assert_eq!(block.apply().unwrap(), Done::Nothing);
            assert_eq!(fs::read_to_string(&block.path).unwrap(), applied);
            let mode = fs::metadata(&block.path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if before.is_some() { 0o640 } else { 0o600 });
            if let Some(text) = before {
                let kept = folder.path().join(".ssh/config.tapcard-backup");
                assert_eq!(fs::read_to_string(kept).unwrap(), text);
            }
            block.undo().unwrap();
            assert_eq!(fs::read_to_string(&block.path).ok().as_deref(), before);
            assert_eq!(block.undo().unwrap(), Done::Nothing);
        }
    }

    #[test]
    fn another_module_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let first = block(&folder);
        first.apply().unwrap();
        let second = SshBlock {
            module: "/opt/libtapcard_pkcs11.so".to_owned(),
            ..first.clone()
        };
        assert_eq!(second.state().unwrap(), State::Other);
        second.apply().unwrap();
        let text = fs::read_to_string(&second.path).unwrap();
        assert_eq!(text.matches("PKCS11Provider").count(), 1, "{text}");
        assert!(matches!(second.undo().unwrap(), Done::Removed(_)));
    }

    #[test]
    fn lines_that_somebody_changed_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let block = block(&folder);
        block.apply().unwrap();
        let text = fs::read_to_string(&block.path).unwrap();
        let changed = text.replace("Host *", "Host *.example.org");
        fs::write(&block.path, &changed).unwrap();
        assert_eq!(block.state().unwrap(), State::Changed);
        assert!(matches!(block.apply(), Err(SetupError::Changed { .. })));
        assert!(matches!(block.undo(), Err(SetupError::Changed { .. })));
        assert_eq!(fs::read_to_string(&block.path).unwrap(), changed);
    }

    #[test]
    fn lines_below_that_would_change_their_meaning_are_not_orphaned() {
        let folder = tempfile::tempdir().unwrap();
        let block = block(&folder);
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        fs::write(&block.path, "Host a\n    User b\n").unwrap();
        block.apply().unwrap();
        let applied = fs::read_to_string(&block.path).unwrap();
        fs::write(
            &block.path,
            format!("{applied}\n# for all\nCompression yes\n"),
        )
        .unwrap();
        match block.undo() {
            Err(SetupError::LinesBelow { line, .. }) => assert_eq!(line, 8),
            other => panic!("{other:?}"),
        }
        // A Host line of its own makes them independent of ours.
        fs::write(&block.path, format!("{applied}\nHost c\n    User d\n")).unwrap();
        block.undo().unwrap();
        assert_eq!(
            fs::read_to_string(&block.path).unwrap(),
            "Host a\n    User b\n\nHost c\n    User d\n"
        );
    }

    #[test]
    fn a_module_that_goes_first_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let block = block(&folder);
        assert_eq!(block.line_that_goes_first().unwrap(), None);
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        fs::write(&block.path, "Host *\n  pkcs11provider=/usr/lib/other.so\n").unwrap();
        block.apply().unwrap();
        assert_eq!(block.line_that_goes_first().unwrap(), Some(2));
    }

    #[test]
    fn a_link_to_the_configuration_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let block = block(&folder);
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        let real = folder.path().join("dotfiles-ssh-config");
        fs::write(&real, "Host a\n").unwrap();
        std::os::unix::fs::symlink(&real, &block.path).unwrap();
        block.apply().unwrap();
        assert!(block.path.is_symlink());
        assert!(
            fs::read_to_string(&real)
                .unwrap()
                .contains("PKCS11Provider")
        );
    }
}
