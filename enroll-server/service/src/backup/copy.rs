//! Copies of files and folders that somebody may be at work on.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use enroll_server_files::{FileError, at, finish_folder, make_folder};

use super::error::{BackupError, Result};
use super::handing::Handing;
use super::place::{is_there, replaced_by};
use crate::lock::real;

/// What most disks are divided into, in bytes.
const BLOCK: u64 = 4096;
/// How often a folder is listed or copied again that changes meanwhile.
const TRIES: usize = 10;
/// How long whoever is replacing a file or folder is given to have it there again.
const PAUSE: Duration = Duration::from_millis(20);

/// A copy of a folder.
pub(super) struct Copying<'a> {
    /// What is not copied, by its path.
    left_out: &'a dyn Fn(&Path) -> bool,
    /// The folders that are being copied, and the copy itself, by their real paths.
    around: Vec<PathBuf>,
    /// Whose what is copied now becomes.
    handing: Handing,
    /// Links to nowhere, and what is neither a file nor a folder.
    pub(super) not_there: BTreeSet<PathBuf>,
}

/// What became of a file or folder that was listed.
#[derive(PartialEq, Eq)]
enum Outcome {
    Done,
    /// It is not there any more.
    Gone,
}

impl<'a> Copying<'a> {
    /// Begins a copy of `from` into `to`, which nobody else can enter.
    pub(super) fn new(
        from: &Path,
        to: &Path,
        handing: Handing,
        left_out: &'a dyn Fn(&Path) -> bool,
    ) -> Self {
        Self {
            left_out,
            around: vec![real(from), real(to)],
            handing,
            not_there: BTreeSet::new(),
        }
    }

    /// Copies what is in a folder into another one. What goes away between listing and copying is looked for again, and
    /// what comes meanwhile is copied.
    pub(super) fn contents(
        &mut self,
        from: &Path,
        to: &Path,
        done: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let mut known = BTreeSet::new();
        let mut gone = BTreeSet::new();
        for _ in 0..TRIES {
            let listed = names(from)?;
            let is_awaited = gone.iter().any(|name| !known.contains(name))
                || listed
                    .iter()
                    .filter_map(|name| replaced_by(name))
                    .any(|name| !known.contains(name) && !listed.iter().any(|it| it == name));
            let new: Vec<_> = listed
                .into_iter()
                .filter(|name| !known.contains(name) && !(self.left_out)(&from.join(name)))
                .collect();
            if new.is_empty() {
                if !is_awaited {
                    break;
                }
                std::thread::sleep(PAUSE);
            }
            for name in new {
                let target = to.join(&name);
                if self.entry(&from.join(&name), &target)? == Outcome::Gone {
                    gone.insert(name);
                    continue;
                }
                if is_there(&target) {
                    done(&name);
                }
                known.insert(name);
            }
        }
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path) -> Result<Outcome> {
        match fs::metadata(from) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !is_there(from) {
                    return Ok(Outcome::Gone);
                }
                self.not_there.insert(from.to_owned());
                Ok(Outcome::Done)
            }
            Err(error) => Err(FileError::new(from, error).into()),
            Ok(found) if found.is_dir() => self.folder(from, to),
            Ok(found) if found.is_file() => copy_file(from, to, self.handing.inside(from)),
            Ok(_) => {
                self.not_there.insert(from.to_owned());
                Ok(Outcome::Done)
            }
        }
    }

    /// A folder that is replaced meanwhile is copied again: its files belong together.
    fn folder(&mut self, from: &Path, to: &Path) -> Result<Outcome> {
        let place = real(from);
        let target = self.around.get(1);
        if self.around.contains(&place) || target.is_some_and(|target| target.starts_with(&place)) {
            return Err(BackupError::Nested {
                inner: target.cloned().unwrap_or_default(),
                outer: place,
            });
        }
        for _ in 0..TRIES {
            let Some(before) = identity(from)? else {
                return Ok(Outcome::Gone);
            };
            make_folder(to)?;
            let handing = self.handing;
            self.handing = handing.inside(from);
            self.around.push(place.clone());
            self.contents(from, to, &mut |_| {})?;
            self.around.pop();
            let (mode, owner) = self.handing.of(&before);
            self.handing = handing;
            if identity(from)?.is_some_and(|after| is_same(&before, &after)) {
                finish_folder(to, mode, owner.as_ref())?;
                return Ok(Outcome::Done);
            }
            fs::remove_dir_all(to).map_err(at(to))?;
        }
        Err(BackupError::Changing(from.to_owned()))
    }
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Which folder it is, its mode and owner.
fn identity(folder: &Path) -> Result<Option<Metadata>> {
    match fs::metadata(folder) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new(folder, error).into()),
    }
}

/// Copies a file with its mode, and has it on the disk. Whether it is handed over depends on the file that was opened: the
/// path may be a link to one that only root can read.
fn copy_file(from: &Path, to: &Path, handing: Handing) -> Result<Outcome> {
    let failed = |to| BackupError::Copy {
        from: from.to_owned(),
        to,
    };
    let mut source = match File::open(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcome::Gone),
        opened => opened.map_err(at(from))?,
    };
    let mut copy = || {
        let found = source.metadata().map_err(at(from))?;
        let (mode, owner) = handing.of(&found);
        let mut target = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)
            .map_err(at(to))?;
        io::copy(&mut source, &mut target).map_err(at(to))?;
        let mode = Permissions::from_mode(mode);
        target.set_permissions(mode).map_err(at(to))?;
        if let Some(owner) = owner {
            owner.give(&target, to)?;
        }
        target.sync_all().map_err(at(to))
    };
    copy().map_err(failed)?;
    Ok(Outcome::Done)
}

/// Copies a file that nobody is at work on.
pub(super) fn copy_at_rest(from: &Path, to: &Path, handing: Handing) -> Result<()> {
    match copy_file(from, to, handing.inside(from))? {
        Outcome::Done => Ok(()),
        Outcome::Gone => Err(FileError::new(from, ErrorKind::NotFound.into()).into()),
    }
}

/// What a file or folder takes on a disk, in bytes.
pub(super) fn size(path: &Path) -> u64 {
    let Ok(found) = path.symlink_metadata() else {
        return 0;
    };
    if found.is_dir() {
        let inside = names(path).unwrap_or_default();
        return inside
            .iter()
            .map(|name| size(&path.join(name)))
            .sum::<u64>()
            + BLOCK;
    }
    fs::metadata(path).map_or(0, |found| found.len().next_multiple_of(BLOCK))
}

/// What is in a folder, in order; nothing if it is not there.
pub(super) fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at(folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The folder that a real path is in.
pub(super) fn above(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// Removes a folder with all that is in it, or a file; that it is not there is well.
pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FileError::new(path, error).into())
        }
        _ => Ok(()),
    }
}
