//! Files that are ours as a whole.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::error::SetupError;
use super::files;
use super::marker::{self, Marked};
use super::state::{Done, State};

/// The folder that is ours by its name, and goes with the last file in it whichever was the first.
const OUR_FOLDER: &str = "tapcard";
/// What undoing must know: how many folders were made for the file.
const FOLDERS: &str = " folders=";

/// A file that is ours as a whole.
#[derive(Clone, Debug)]
pub struct OwnFile {
    /// For which program, as `tapcard setup` knows it.
    pub program: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// What is in it, beside the mark.
    pub body: String,
    /// How it is known to be ours.
    pub format: Format,
}

/// How a file of ours is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines with comments: by the mark in the first one.
    Marked,
    /// Firefox's policies, which have no comments: by there being nothing else in them.
    Policies,
}

/// The policy that lets Firefox load a module.
#[must_use]
pub fn policies(module: &str) -> String {
    let policies = json!({"policies": {"SecurityDevices": {"Add": {"Tapcard": module}}}});
    format!("{policies:#}\n")
}

impl OwnFile {
    /// The whole text, with the number of folders that are made for the file.
    fn text(&self, folders: usize) -> String {
        match self.format {
            Format::Marked => {
                let also = match folders {
                    0 => String::new(),
                    folders => format!("{FOLDERS}{folders}"),
                };
                marker::line(self.program, &also, &self.body) + &self.body
            }
            Format::Policies => self.body.clone(),
        }
    }

    /// How many folders were made for the file that is there.
    fn folders_made(&self) -> Result<usize, SetupError> {
        let text = files::read(&self.path)?.unwrap_or_default();
        Ok(match self.made(&text) {
            Some(Marked::AsMade(also)) => folders(&also),
            Some(Marked::Changed) | None => 0,
        })
    }

    /// What is there now.
    ///
    /// # Errors
    /// [`SetupError::File`] where it cannot be read.
    pub fn state(&self) -> Result<State, SetupError> {
        let Some(text) = files::read(&self.path)? else {
            return Ok(State::NotSetUp);
        };
        Ok(match self.made(&text) {
            None => State::Foreign,
            Some(Marked::Changed) => State::Changed,
            Some(Marked::AsMade(also)) if text == self.text(folders(&also)) => State::SetUp,
            Some(Marked::AsMade(_)) => State::Other,
        })
    }

    fn made(&self, text: &str) -> Option<Marked> {
        match self.format {
            Format::Marked => {
                let (first, body) = text.split_once('\n')?;
                marker::read(first, self.program, body)
            }
            Format::Policies => {
                let value: Value = serde_json::from_str(text).ok()?;
                let module = value.pointer("/policies/SecurityDevices/Add/Tapcard")?;
                let ours = policies(module.as_str()?) == text;
                ours.then(|| Marked::AsMade(String::new()))
            }
        }
    }

    /// Writes it, unless it is there.
    ///
    /// # Errors
    /// [`SetupError`] where something else is there, or it cannot be written.
    pub fn apply(&self) -> Result<Done, SetupError> {
        let folders = match self.state()? {
            State::SetUp => return Ok(Done::Nothing),
            State::Foreign => return Err(SetupError::Foreign(self.path.clone())),
            State::Changed => return Err(self.changed()),
            State::NotSetUp => folders_above(&self.path)
                .take_while(|folder| !folder.exists())
                .count(),
            State::Other => self.folders_made()?,
        };
        files::make_folder_of(&self.path, 0o755)?;
        files::write(&self.path, &self.text(folders), 0o644)?;
        Ok(Done::Written(self.path.clone(), None))
    }

    /// Removes it, if it is as it was made.
    ///
    /// # Errors
    /// [`SetupError`] where it was changed or cannot be removed.
    pub fn undo(&self) -> Result<Done, SetupError> {
        match self.state()? {
            // What is not ours is not ours to remove.
            State::NotSetUp | State::Foreign => Ok(Done::Nothing),
            State::Changed => Err(self.changed()),
            State::SetUp | State::Other => {
                let made = self.folders_made()?;
                files::remove(&self.path)?;
                for (place, folder) in folders_above(&self.path).enumerate() {
                    let is_of_ours = place < made || folder.ends_with(OUR_FOLDER);
                    // One that still holds something stays.
                    if !is_of_ours || std::fs::remove_dir(folder).is_err() {
                        break;
                    }
                }
                Ok(Done::Removed(self.path.clone()))
            }
        }
    }

    fn changed(&self) -> SetupError {
        SetupError::Changed {
            what: "the text",
            path: self.path.clone(),
        }
    }
}

/// The number of folders in what undoing must know.
fn folders(also: &str) -> usize {
    let number = also.strip_prefix(FOLDERS);
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// The folders that a file is in, from the nearest.
fn folders_above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn files() -> (tempfile::TempDir, [OwnFile; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let marked = OwnFile {
            program: "p11-kit",
            path: folder.path().join("modules/tapcard.module"),
            body: "module: /usr/lib/a.so\n".to_owned(),
            format: Format::Marked,
        };
        let policies = OwnFile {
            program: "firefox",
            path: folder.path().join("policies.json"),
            body: policies("/usr/lib/a.so"),
            format: Format::Policies,
        };
        (folder, [marked, policies])
    }

    #[test]
    fn a_file_is_made_once_and_taken_back() {
        let (_folder, files) = files();
        for file in files {
            assert_eq!(file.state().unwrap(), State::NotSetUp);
            assert_eq!(file.undo().unwrap(), Done::Nothing);
            assert!(matches!(file.apply().unwrap(), Done::Written(..)));
            assert_eq!(file.state().unwrap(), State::SetUp);
            assert_eq!(file.apply().unwrap(), Done::Nothing);
            let newer = OwnFile {
                body: file.body.replace("a.so", "b.so"),
                ..file.clone()
            };
            assert_eq!(newer.state().unwrap(), State::Other);
            assert!(matches!(newer.apply().unwrap(), Done::Written(..)));
            // An older one is ours too.
            assert!(matches!(file.undo().unwrap(), Done::Removed(_)));
            assert!(!file.path.exists());
        }
    }

    #[test]
    fn a_folder_goes_with_the_file_that_it_was_made_for() {
        let (folder, [marked, _]) = files();
        let modules = folder.path().join("modules");
        let newer = OwnFile {
            body: marked.body.replace("a.so", "b.so"),
            ..marked.clone()
        };
        for was_there in [false, true] {
            if was_there {
                fs::create_dir(&modules).unwrap();
            }
            for file in [&marked, &newer] {
                file.apply().unwrap();
                assert_eq!(file.state().unwrap(), State::SetUp);
            }
            newer.undo().unwrap();
            assert_eq!(modules.exists(), was_there);
            assert!(folder.path().exists());
        }
    }

    #[test]
    fn what_was_changed_and_what_is_not_ours_stays() {
        let (_folder, files) = files();
        for file in files {
            file.apply().unwrap();
            let changed = fs::read_to_string(&file.path).unwrap() + "# mine\n";
            fs::write(&file.path, &changed).unwrap();
            assert!(file.apply().is_err());
            if file.format == Format::Marked {
                assert!(matches!(file.undo(), Err(SetupError::Changed { .. })));
            } else {
                assert_eq!(file.undo().unwrap(), Done::Nothing);
            }
            assert_eq!(fs::read_to_string(&file.path).unwrap(), changed);

            fs::write(&file.path, "{}\n").unwrap();
            assert!(matches!(file.apply(), Err(SetupError::Foreign(_))));
            assert_eq!(file.undo().unwrap(), Done::Nothing);
            assert_eq!(fs::read_to_string(&file.path).unwrap(), "{}\n");
        }
    }
}
