//! Copies of files and folders that somebody may be at work on.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use enroll_server_files::{Access, FileError, User, at, check_access, finish_folder, make_folder};

use rustix::fs::{Mode, OFlags, open};

use super::error::{BackupError, Result};
use super::place::replaced_by;
use crate::lock::real;

/// What most disks are divided into, in bytes.
const BLOCK: u64 = 4096;
/// How often a folder is listed or copied again that changes meanwhile.
const TRIES: usize = 10;
/// How deep the folders of an installation may lie in each other; its own lie one deep.
const DEEPEST: usize = 32;
/// How long whoever is replacing a file or folder is given to have it there again.
const PAUSE: Duration = Duration::from_millis(20);

/// As whom root reads what is copied, and as whom it writes the copy: whoever owns the one or the other gains nothing by
/// links in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hands {
    pub(super) from: User,
    pub(super) to: User,
}

/// A copy of a folder.
pub(super) struct Copying<'a> {
    /// What is not copied, by its path.
    left_out: &'a dyn Fn(&Path) -> bool,
    /// The folders that are being copied, and the copy itself, by their real paths.
    around: Vec<PathBuf>,
    hands: Hands,
    /// Links to nowhere, or to what their owner may not read, and what is neither a file nor a folder.
    pub(super) not_there: BTreeSet<PathBuf>,
}

/// What became of a file or folder that was listed.
#[derive(PartialEq, Eq)]
enum Outcome {
    Done,
    /// There is nothing to copy.
    NotThere,
    /// It is not there any more.
    Gone,
}

impl<'a> Copying<'a> {
    /// Begins a copy of `from` into `to`, both by their real paths.
    pub(super) fn new(
        from: &Path,
        to: &Path,
        hands: Hands,
        left_out: &'a dyn Fn(&Path) -> bool,
    ) -> Self {
        Self {
            left_out,
            around: vec![from.to_owned(), to.to_owned()],
            hands,
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
            let listed = self.listed(from)?;
            let is_awaited = gone.iter().any(|name| !known.contains(name))
                || listed
                    .iter()
                    .filter_map(|(name, _)| replaced_by(name))
                    .any(|name| !known.contains(name) && !listed.iter().any(|(it, _)| it == name));
            let new: Vec<_> = listed
                .into_iter()
                .filter(|(name, is_copied)| *is_copied && !known.contains(name))
                .collect();
            if new.is_empty() {
                if !is_awaited {
                    break;
                }
                std::thread::sleep(PAUSE);
            }
            for (name, _) in new {
                let outcome = self.entry(&from.join(&name), &to.join(&name))?;
                if outcome == Outcome::Gone {
                    gone.insert(name);
                    continue;
                }
                if outcome == Outcome::Done {
                    done(&name);
                }
                known.insert(name);
            }
        }
        Ok(())
    }

    /// What is in a folder, and whether it is copied.
    fn listed(&self, folder: &Path) -> Result<Vec<(String, bool)>> {
        self.hands.from.work(|| {
            let listed = names(folder)?.into_iter().map(|name| {
                let is_copied = !(self.left_out)(&folder.join(&name));
                (name, is_copied)
            });
            Ok(listed.collect())
        })
    }

    fn entry(&mut self, from: &Path, to: &Path) -> Result<Outcome> {
        let found = self.hands.from.work(|| found(from))?;
        match found {
            Found::Gone => Ok(Outcome::Gone),
            Found::Folder => self.folder(from, to),
            Found::File => copy_file(from, to, None, self.hands),
            Found::Nothing => {
                self.not_there.insert(from.to_owned());
                Ok(Outcome::NotThere)
            }
        }
    }

    /// A folder that is replaced meanwhile is copied again: its files belong together.
    fn folder(&mut self, from: &Path, to: &Path) -> Result<Outcome> {
        let hands = self.hands;
        let place = hands.from.work(|| Ok::<_, BackupError>(real(from)))?;
        let target = self.around.get(1);
        if self.around.contains(&place) || target.is_some_and(|target| target.starts_with(&place)) {
            return Err(BackupError::Nested {
                inner: target.cloned().unwrap_or_default(),
                outer: place,
            });
        }
        if self.around.len() > DEEPEST {
            return Err(BackupError::Deep(from.to_owned()));
        }
        for _ in 0..TRIES {
            let Some(before) = hands.from.work(|| identity(from))? else {
                return Ok(Outcome::Gone);
            };
            hands.to.work(|| make_folder(to))?;
            self.around.push(place.clone());
            self.contents(from, to, &mut |_| {})?;
            self.around.pop();
            let after = hands.from.work(|| identity(from))?;
            if after.is_some_and(|after| is_same(&before, &after)) {
                hands.to.work(|| finish_folder(to, before.mode()))?;
                return Ok(Outcome::Done);
            }
            hands.to.work(|| fs::remove_dir_all(to).map_err(at(to)))?;
        }
        Err(BackupError::Changing(from.to_owned()))
    }
}

/// What is at the end of the links that begin at a path.
enum Found {
    File,
    Folder,
    /// Nothing that is copied: nothing at all, nothing that whoever reads may look at, or neither a file nor a folder.
    Nothing,
    /// Not even a link.
    Gone,
}

fn found(path: &Path) -> Result<Found> {
    let is_link = match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Gone),
        there => there.map_err(at(path))?.is_symlink(),
    };
    let leads_nowhere = |error: &io::Error| {
        is_link
            && matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::PermissionDenied
            )
    };
    match fs::metadata(path) {
        Err(error) if leads_nowhere(&error) => Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Gone),
        Err(error) => Err(FileError::new(path, error).into()),
        Ok(found) if !found.is_dir() && !found.is_file() => Ok(Found::Nothing),
        Ok(found) => {
            // Whoever copies it says what else is wrong.
            let is_for_others = is_link
                && check_access(path, Access::READ_OK)
                    .is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
            Ok(match found.is_dir() {
                _ if is_for_others => Found::Nothing,
                true => Found::Folder,
                false => Found::File,
            })
        }
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

/// Copies a file with its mode, or another one, and has it on the disk.
fn copy_file(from: &Path, to: &Path, mode: Option<u32>, hands: Hands) -> Result<Outcome> {
    let opened = hands.from.work(|| match open_file(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).map_err(at(from)),
    })?;
    let Some(mut source) = opened else {
        return Ok(Outcome::Gone);
    };
    let mode = match mode {
        Some(mode) => mode,
        None => source.metadata().map_err(at(from))?.mode(),
    };
    let copied = hands.to.work(|| -> Result<(), FileError> {
        let mut target = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)
            .map_err(at(to))?;
        io::copy(&mut source, &mut target).map_err(at(to))?;
        let mode = Permissions::from_mode(mode & 0o777);
        target.set_permissions(mode).map_err(at(to))?;
        target.sync_all().map_err(at(to))
    });
    copied.map_err(|to| BackupError::Copy {
        from: from.to_owned(),
        to,
    })?;
    Ok(Outcome::Done)
}

/// Opens what was a file when it was looked at. Whoever owns the folder may have put a pipe in its place since.
fn open_file(path: &Path) -> io::Result<File> {
    let file: File = open(
        path,
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    )?
    .into();
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(ErrorKind::NotFound.into())
    }
}

/// Copies a file that nobody is at work on, with its mode or another one.
pub(super) fn copy_at_rest(from: &Path, to: &Path, mode: Option<u32>, hands: Hands) -> Result<()> {
    match copy_file(from, to, mode, hands)? {
        Outcome::Done => Ok(()),
        Outcome::NotThere | Outcome::Gone => {
            Err(FileError::new(from, ErrorKind::NotFound.into()).into())
        }
    }
}

/// What a file or folder takes on a disk, in bytes, without what is deeper than is copied.
pub(super) fn size(path: &Path) -> u64 {
    size_within(path, DEEPEST)
}

fn size_within(path: &Path, depth: usize) -> u64 {
    let Ok(found) = path.symlink_metadata() else {
        return 0;
    };
    if found.is_dir() {
        let Some(depth) = depth.checked_sub(1) else {
            return BLOCK;
        };
        let inside = names(path).unwrap_or_default();
        return inside
            .iter()
            .map(|name| size_within(&path.join(name), depth))
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
