//! Backup and restore: the data folder and, where it is SQLite, the database. A copy of SQLite's file alone is not a backup:
//! the latest changes are in the write-ahead log beside it.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use enroll_server_store::{Store, StoreError};

use crate::audit::{self, Verdict};
use crate::error::Error;
use crate::lock::{DataLock, LockError};

/// The name of the database in a backup.
pub const DATABASE: &str = "enroll-server.db";
/// The folder without which there is nothing to go on with.
const AUTHORITY: &str = "authority";
/// The folder that a backup has only if it is asked for.
const SECRETS: &str = "secrets";
/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder is not empty.
    #[error("{} is not empty: give a folder that is not there yet", _0.display())]
    NotEmpty(PathBuf),
    /// The data folder has something in it already.
    #[error(
        "{} has data in it: --force moves it into a folder beside it and restores all the same",
        _0.display()
    )]
    DataThere(PathBuf),
    /// The folder is not a data folder.
    #[error("{} has no folder authority/: is --data right?", _0.display())]
    NoData(PathBuf),
    /// The folder is not a backup.
    #[error("{} is not a backup: it has no {missing}", path.display())]
    NotABackup {
        /// Which folder.
        path: PathBuf,
        /// What it does not have.
        missing: &'static str,
    },
    /// The audit trail of the copy is not whole.
    #[error("the audit trail of the copy is broken at event {0}")]
    Broken(i64),
    /// A server is at work.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A service.
    #[error(transparent)]
    Service(#[from] Error),
}

type Result<T, E = BackupError> = std::result::Result<T, E>;

/// What is done, for whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file or folder of the data folder is copied.
    Copied(String),
    /// The database is copied and its audit trail checked; how many events.
    Database(i64),
    /// The database is PostgreSQL's, which has its own programs for it.
    DatabaseLeft,
    /// The data from before is kept here.
    SetAside(PathBuf),
}

/// Whether the passphrase goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// It stays where it is: whoever has the backup cannot use the keys.
    Left,
    /// Whoever has the backup has the keys.
    Included,
}

/// Where the data of an installation is.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The data folder.
    pub data: PathBuf,
    /// The database's URL.
    pub database: String,
}

/// Copies an installation into a new folder, while the server runs or not. The folder is there when all of it is.
///
/// # Errors
/// If the folder is not empty, or a part cannot be copied.
pub async fn backup(
    from: &Installation,
    to: &Path,
    secrets: Secrets,
    mut done: impl FnMut(Step),
) -> Result<()> {
    // Without a slash at its end.
    let to: &Path = &to.components().collect::<PathBuf>();
    if !from.data.join(AUTHORITY).is_dir() {
        return Err(BackupError::NoData(from.data.clone()));
    }
    check_empty(to, || BackupError::NotEmpty(to.to_owned()))?;
    let part = with_suffix(to, ".part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(at(&part))?;
    }
    create(&part)?;
    let file = Store::file_of(&from.database)?;
    // The folder first: what it knows of the newest CRL is then never ahead of the database.
    for name in names(&from.data)? {
        let is_left = name == SECRETS && secrets == Secrets::Left;
        let path = from.data.join(&name);
        if is_left || is_lock(&name) || file.as_ref().is_some_and(|file| is_of(file, &path)) {
            continue;
        }
        copy(&path, &part.join(&name))?;
        done(Step::Copied(name));
    }
    match &file {
        None => done(Step::DatabaseLeft),
        Some(_) => {
            let copy = part.join(DATABASE);
            Store::copy_sqlite(&from.database, &copy).await?;
            done(Step::Database(check(&copy).await?));
        }
    }
    sync(&part)?;
    // A folder that was there is empty, and gives way.
    fs::rename(&part, to).map_err(at(to))?;
    sync(to.parent().unwrap_or(Path::new("/")))
}

/// Puts a backup back. No server may be at work on it. What is in the data folder is kept beside it, if `force` says that
/// it may be replaced; a folder `authority/` of the same authority stays, since it knows the newest CRL.
///
/// # Errors
/// If it is not a backup, a server is at work, there is data already, or a part cannot be copied.
pub async fn restore(
    from: &Path,
    to: &Installation,
    force: bool,
    mut done: impl FnMut(Step),
) -> Result<()> {
    let missing = |missing| BackupError::NotABackup {
        path: from.to_owned(),
        missing,
    };
    if !from.join(AUTHORITY).is_dir() {
        return Err(missing("folder authority/"));
    }
    let file = Store::file_of(&to.database)?;
    let source = from.join(DATABASE);
    if file.is_some() && !source.is_file() {
        return Err(missing("database enroll-server.db"));
    }
    let events = match &file {
        Some(_) => Some(check(&source).await?),
        None => None,
    };
    create(&to.data)?;
    let _lock = DataLock::take(&to.data, file.as_deref())?;
    let stays = |name: &str| {
        is_lock(name)
            // The passphrase stays, unless the backup has one.
            || name == SECRETS && !from.join(SECRETS).exists()
            || name == AUTHORITY && is_same_authority(from, &to.data)
    };
    let mut there: Vec<PathBuf> = names(&to.data)?
        .into_iter()
        .filter(|name| !stays(name))
        .map(|name| to.data.join(name))
        .collect();
    for path in file.iter().flat_map(|file| files_of(file)) {
        if path.exists() && !there.contains(&path) {
            there.push(path);
        }
    }
    if !there.is_empty() {
        if !force {
            return Err(BackupError::DataThere(to.data.clone()));
        }
        let kept = keep(&to.data, &there)?;
        done(Step::SetAside(kept));
    }
    for name in names(from)? {
        if name != DATABASE && !stays(&name) {
            copy(&from.join(&name), &to.data.join(&name))?;
            done(Step::Copied(name));
        }
    }
    match (&file, events) {
        (Some(file), Some(events)) => {
            copy(&source, file)?;
            done(Step::Database(events));
        }
        _ => done(Step::DatabaseLeft),
    }
    sync(&to.data)
}

/// Whether two folders have the keys of one authority.
fn is_same_authority(one: &Path, other: &Path) -> bool {
    let root = |folder: &Path| fs::read(folder.join(AUTHORITY).join("root.pem"));
    matches!((root(one), root(other)), (Ok(one), Ok(other)) if one == other)
}

/// Checks a copy's audit trail; returns how many events it has.
async fn check(copy: &Path) -> Result<i64> {
    let store = Store::open_to_read(&Store::url_of(copy)).await?;
    let verdict = audit::verify(&store).await;
    store.close().await;
    match verdict? {
        Verdict::Whole(events) => Ok(events),
        Verdict::Broken { sequence } => Err(BackupError::Broken(sequence)),
    }
}

/// Moves what is replaced into a folder of its own.
fn keep(data: &Path, there: &[PathBuf]) -> Result<PathBuf> {
    let mut number = 1;
    let mut kept = with_suffix(data, ".replaced");
    while kept.exists() {
        number += 1;
        kept = with_suffix(data, &format!(".replaced-{number}"));
    }
    create(&kept)?;
    for path in there {
        let name = path.file_name().unwrap_or_default();
        let target = kept.join(name);
        match fs::rename(path, &target) {
            // A database on another disk.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                copy(path, &target)?;
                fs::remove_file(path).map_err(at(path))?;
            }
            other => other.map_err(at(path))?,
        }
    }
    Ok(kept)
}

fn check_empty(folder: &Path, not_empty: impl FnOnce() -> BackupError) -> Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(not_empty()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(at(folder)(source)),
    }
}

/// Makes a folder for its owner alone.
fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(at(folder))
}

/// Copies a file or a folder with the modes of all that is in it, and has it on the disk.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to).map_err(at(to))?;
        for name in names(from)? {
            copy(&from.join(&name), &to.join(&name))?;
        }
        let mode = fs::metadata(from).map_err(at(from))?.permissions();
        fs::set_permissions(to, mode).map_err(at(to))?;
        return sync(to);
    }
    fs::copy(from, to).map_err(at(to))?;
    sync(to)
}

fn sync(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(at(path))
}

/// What is in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn is_lock(name: &str) -> bool {
    name == "lock" || name.ends_with(".lock")
}

/// A database and what is beside it.
fn files_of(file: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = BESIDE.map(|suffix| with_suffix(file, suffix));
    std::iter::once(file.to_owned()).chain(beside)
}

fn is_of(file: &Path, path: &Path) -> bool {
    files_of(file).any(|one| one == path)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}
