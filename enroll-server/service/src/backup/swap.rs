//! Putting what a restore has copied in the place of what is there, by renames alone. What is to be renamed is on the disk
//! first, and a restore that is interrupted from then on is completed by whoever works on the data next: the data is the
//! old one or the new one.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use enroll_server_files::{FileError, Owner, at, finish_folder, make_folder, sync, write_new};

use super::copy::{above, remove};
use super::error::{BackupError, Result};
use super::place::{READY, STAGED, files_of, is_there, with_suffix};
use crate::lock::real;

/// The list of renames in the folder of a restore.
const PLAN: &str = "renames";

/// What an interrupted restore left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nothing.
    Nothing,
    /// What it had copied, which is removed.
    Removed,
    /// Some of the renames to be done; they are done.
    Completed,
}

/// What is renamed, in this order.
#[derive(Debug)]
pub(super) struct Swap {
    data: PathBuf,
    renames: Vec<(PathBuf, PathBuf)>,
}

impl Swap {
    /// Nothing yet; `data` is a real path.
    pub(super) fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            renames: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, from: &Path, to: PathBuf) {
        // When it is done, the folder of what was copied has its other name.
        let from = match from.strip_prefix(self.data.join(STAGED)) {
            Ok(rest) => self.data.join(READY).join(rest),
            Err(_) => from.to_owned(),
        };
        self.renames.push((from, to));
    }

    /// Does it, or, where a rename fails, undoes what was done. What was copied becomes the owner's first: they may have to
    /// complete it.
    pub(super) fn perform(self, owner: Option<&Owner>) -> Result<()> {
        let data = &self.data;
        let (staged, ready) = (data.join(STAGED), data.join(READY));
        let plan = staged.join(PLAN);
        write_new(&plan, &self.to_bytes(), 0o600)?;
        if let Some(owner) = owner {
            owner.give_at(&plan)?;
        }
        finish_folder(&staged, 0o700, owner)?;
        remove(&ready)?;
        fs::rename(&staged, &ready).map_err(at(&ready))?;
        let undo = || fs::rename(&ready, &staged).map_err(at(&ready));
        if let Err(error) = sync(data) {
            undo()?;
            return Err(error.into());
        }
        for (number, (from, to)) in self.renames.iter().enumerate() {
            if let Err(error) = fs::rename(from, to) {
                for (from, to) in self.renames.iter().take(number).rev() {
                    fs::rename(to, from).map_err(at(to))?;
                }
                undo()?;
                return Err(FileError::new(from, error).into());
            }
        }
        self.end()
    }

    /// Does what an interrupted restore did not come to.
    fn complete(&self) -> Result<()> {
        for (from, to) in &self.renames {
            // What is there was renamed before, and something new may stand in its place since.
            if is_there(to) {
                continue;
            }
            match fs::rename(from, to) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(BackupError::NotToComplete(from.clone()));
                }
                renamed => renamed.map_err(at(from))?,
            }
        }
        self.end()
    }

    /// Has all renames on the disk before the list of them goes.
    fn end(&self) -> Result<()> {
        for (from, to) in &self.renames {
            sync(above(to))?;
            if above(from).is_dir() {
                sync(above(from))?;
            }
        }
        remove(&self.data.join(READY))?;
        Ok(sync(&self.data)?)
    }

    /// Both paths of each rename, each ended by a zero byte.
    fn to_bytes(&self) -> Vec<u8> {
        let paths = self.renames.iter().flat_map(|(from, to)| [from, to]);
        let mut bytes = Vec::new();
        for path in paths {
            bytes.extend_from_slice(path.as_os_str().as_bytes());
            bytes.push(0);
        }
        bytes
    }

    fn from_bytes(data: &Path, bytes: &[u8]) -> Self {
        let mut paths = bytes
            .split(|byte| *byte == 0)
            .map(|path| PathBuf::from(OsStr::from_bytes(path)));
        let mut swap = Self::new(data);
        while let (Some(from), Some(to)) = (paths.next(), paths.next()) {
            swap.renames.push((from, to));
        }
        swap
    }
}

/// Where a database is copied to first: on the disk that it is for.
pub(super) fn staged_database(data: &Path, file: &Path) -> PathBuf {
    if above(file) == data {
        data.join(STAGED).join("database")
    } else {
        with_suffix(file, ".restore")
    }
}

/// Ends an interrupted restore: removes what it had copied, or, if it was putting that in place, completes it. Whoever calls
/// it holds the lock of the data.
///
/// # Errors
/// If that cannot be done; the data must not be worked on then.
pub(crate) fn settle(data: &Path, file: Option<&Path>) -> Result<Settled> {
    let data = real(data);
    let plan = data.join(READY).join(PLAN);
    let mut settled = Settled::Nothing;
    match fs::read(&plan) {
        Ok(bytes) => {
            Swap::from_bytes(&data, &bytes).complete()?;
            settled = Settled::Completed;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => remove(&data.join(READY))?,
        Err(error) => return Err(FileError::new(&plan, error).into()),
    }
    let left: Vec<PathBuf> = file
        .into_iter()
        .flat_map(|file| files_of(&staged_database(&data, &real(file))))
        .chain([data.join(STAGED)])
        .filter(|path| is_there(path))
        .collect();
    for path in &left {
        match remove(path) {
            // What root had copied so far is root's to remove. It is in nobody's way but another restore's.
            Err(BackupError::File(error))
                if error.kind() == ErrorKind::PermissionDenied && path.ends_with(STAGED) => {}
            removed => {
                removed?;
                settled = Settled::Removed;
            }
        }
    }
    Ok(settled)
}

/// Makes sure that no restore of a data folder was interrupted while it put things in place.
///
/// # Errors
/// [`BackupError::Interrupted`].
pub fn check_settled(data: &Path) -> Result<()> {
    if is_there(&data.join(READY).join(PLAN)) {
        return Err(BackupError::Interrupted(data.to_owned()));
    }
    Ok(())
}

/// Makes a folder for what was there, beside the data folder or, where that cannot be (it is a disk of its own, or the
/// folder around it is another's), in it.
pub(super) fn set_aside(
    data: &Path,
    beside: &Path,
    inside: &Path,
    owner: Option<&Owner>,
) -> Result<PathBuf> {
    // A folder that is moved tells whether others can be.
    let made = data.join(STAGED).join("aside");
    make_folder(&made)?;
    finish_folder(&made, 0o700, owner)?;
    let moved =
        |to: &Path| -> io::Result<PathBuf> { fs::rename(&made, to).map(|()| to.to_owned()) };
    Ok(moved(beside)
        .or_else(|_| moved(inside))
        .map_err(at(inside))?)
}
