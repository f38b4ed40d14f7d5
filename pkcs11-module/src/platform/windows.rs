//! Windows: by owner, and by the rights of the folder in which a file is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use card_host::user_folder::Environment;

use super::owner::Owner;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself, and not what it leads to.
const ITSELF: u32 = 0x0020_0000;

/// The console that the process belongs to, whatever its output is.
const TERMINAL: &str = "CONOUT$";

/// Where the profiles of the system's own accounts are.
const OF_SERVICES: [&str; 2] = [r"\config\systemprofile", r"\serviceprofiles\"];

/// How long the module has run, as long as the computer was suspended too: a PIN does not outlast a night in a bag. Unlike on Unix
/// `Instant` counts that (QueryPerformanceCounter).
#[must_use]
pub fn up_time() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

/// The file of the whole system's settings.
#[must_use]
pub fn system_file(environment: Option<Environment<'_>>) -> PathBuf {
    environment
        .and_then(|environment| environment("PROGRAMDATA"))
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"))
        .join(r"tapcard\pkcs11.toml")
}

/// Opens a file of settings.
///
/// # Errors
/// The system's.
pub fn open_settings(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether it is this user's or an administrator's: everybody may make files in the system's folder for settings.
///
/// # Errors
/// The system's.
pub fn is_of_user_or_administrator(file: &File) -> io::Result<bool> {
    let owner = Owner::of(file)?;
    Ok(owner.is_administrator() || owner.is_this_user()?)
}

/// Opens a log to append to it, with the rights of its folder where it is new.
///
/// # Errors
/// The system's.
pub fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Opens a file that is only locked.
///
/// # Errors
/// The system's.
pub fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .custom_flags(ITSELF)
        .open(path)
}

/// Locks a file for this process alone, without waiting.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where another process has it locked.
pub fn lock_alone(file: &File) -> io::Result<()> {
    file.try_lock().map_err(error)
}

/// Locks a file together with others, in place of the lock that this process has, without waiting.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where another process has it locked for itself alone.
pub fn lock_shared(file: &File) -> io::Result<()> {
    // A lock does not become another one here, and there is none where `lock_alone` has failed.
    drop(file.unlock());
    file.try_lock_shared().map_err(error)
}

/// Unlocks a file.
///
/// # Errors
/// The system's.
pub fn unlock(file: &File) -> io::Result<()> {
    file.unlock()
}

fn error(error: TryLockError) -> io::Error {
    error.into()
}

/// The program's console, unless it has none.
#[must_use]
pub fn open_terminal() -> Option<File> {
    OpenOptions::new().write(true).open(TERMINAL).ok()
}

/// The machine's name.
#[must_use]
pub fn host_name() -> Option<String> {
    let name = std::env::var_os("COMPUTERNAME")?;
    Some(name.to_string_lossy().into_owned())
}

/// Whether the program runs as one of the system's own accounts, and so serves others.
#[must_use]
pub fn is_of_system() -> bool {
    let profile = std::env::var_os("USERPROFILE").unwrap_or_default();
    let profile = profile.to_string_lossy().to_lowercase();
    OF_SERVICES.iter().any(|place| profile.contains(place))
}
