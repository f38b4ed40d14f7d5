//! Putting what a restore has copied in the place of what is there, by renames alone. What is to be renamed is on the disk
//! first, and a restore that is interrupted from then on is completed by whoever works on the data next: the data is the
//! old one or the new one.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use enroll_server_files::{
    FileError, SHORT, at, finish_folder, make_folder, read, sync, write_new,
};

use super::copy::{above, remove};
use super::error::{BackupError, Result};
use super::place::{READY, REPLACED, STAGED, files_of, is_of_restore, is_there, with_suffix};
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

    /// Does it, or, where a rename fails, undoes what was done.
    pub(super) fn perform(self) -> Result<()> {
        let data = &self.data;
        let (staged, ready) = (data.join(STAGED), data.join(READY));
        let plan = staged.join(PLAN);
        write_new(&plan, &self.to_bytes(), 0o600)?;
        finish_folder(&staged, 0o700)?;
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

    /// Makes sure that a restore may have written this list, which whoever can write in the data folder may have written
    /// too: nothing but what a restore moves, to where a restore moves it.
    ///
    /// # Errors
    /// [`BackupError::StrangeRename`].
    fn check(&self, file: Option<&Path>) -> Result<()> {
        let places = Places {
            data: &self.data,
            file,
        };
        for (from, to) in &self.renames {
            for (path, is_place) in [(from, places.has_from(from)), (to, places.has_to(to))] {
                // A folder of a restore is never a link.
                if !is_place || above(path).is_symlink() {
                    return Err(BackupError::StrangeRename {
                        list: self.data.join(READY).join(PLAN),
                        path: path.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Where a restore has something moved from and to.
struct Places<'a> {
    /// The data folder and the database, by their real paths.
    data: &'a Path,
    file: Option<&'a Path>,
}

impl Places<'_> {
    fn has_from(&self, path: &Path) -> bool {
        let ready = self.data.join(READY);
        is_in(path, self.data) && !is_of_restore(&name_of(path))
            || is_in(path, &ready.join("new"))
            || self.is_of_file(path)
            || self.file.is_some_and(|file| {
                let staged =
                    match staged_database(self.data, file).strip_prefix(self.data.join(STAGED)) {
                        Ok(rest) => ready.join(rest),
                        Err(_) => staged_database(self.data, file),
                    };
                files_of(&staged).any(|file| file == path)
            })
    }

    fn has_to(&self, path: &Path) -> bool {
        let aside = with_suffix(self.data, ".replaced");
        is_in(path, self.data) && !is_of_restore(&name_of(path))
            || is_in_one_of(path, &aside)
            || is_in_one_of(path, &self.data.join(REPLACED))
            || self.is_of_file(path)
            || self
                .file
                .is_some_and(|file| is_in_one_of(path, &with_suffix(file, ".replaced")))
    }

    fn is_of_file(&self, path: &Path) -> bool {
        self.file
            .is_some_and(|file| files_of(file).any(|file| file == path))
    }
}

/// Whether a path is of something in this folder itself, said without detours.
fn is_in(path: &Path, folder: &Path) -> bool {
    let mut names = match path.strip_prefix(folder) {
        Ok(rest) => rest.components(),
        Err(_) => return false,
    };
    let is_plain = path.components().collect::<PathBuf>().as_os_str() == path.as_os_str();
    is_plain
        && matches!(
            (names.next(), names.next()),
            (Some(Component::Normal(_)), None)
        )
}

/// The same of `folder`, `folder-2`, `folder-3` ...
fn is_in_one_of(path: &Path, folder: &Path) -> bool {
    let around = above(path);
    let number = name_of(around)
        .strip_prefix(&*name_of(folder))
        .map(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_number));
    number == Some(true) && above(around) == above(folder) && is_in(path, around)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
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
    match read(&plan, SHORT) {
        Ok(bytes) => {
            let swap = Swap::from_bytes(&data, &bytes);
            swap.check(file.map(real).as_deref())?;
            swap.complete()?;
            settled = Settled::Completed;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => remove(&data.join(READY))?,
        Err(error) => return Err(error.into()),
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
pub(super) fn set_aside(data: &Path, beside: &Path, inside: &Path) -> Result<PathBuf> {
    // A folder that is moved tells whether others can be.
    let made = data.join(STAGED).join("aside");
    make_folder(&made)?;
    finish_folder(&made, 0o700)?;
    let moved =
        |to: &Path| -> io::Result<PathBuf> { fs::rename(&made, to).map(|()| to.to_owned()) };
    Ok(moved(beside)
        .or_else(|_| moved(inside))
        .map_err(at(inside))?)
}
