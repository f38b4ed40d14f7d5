//! Unix: by owner and mode.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use card_host::user_folder::Environment;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{geteuid, getpgrp};
use rustix::termios::tcgetpgrp;
use rustix::time::Timespec;
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::time::{DynamicClockId, clock_gettime_dynamic};

/// The bits of a file's mode with which others than its owner may write to it.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The terminal that the process belongs to, whatever its output is.
const TERMINAL: &str = "/dev/tty";

/// The clock that goes on while the computer is suspended.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn time_of_computer() -> Option<Timespec> {
    clock_gettime_dynamic(DynamicClockId::Boottime).ok()
}

/// The same: here this one does (clock_gettime(3) of macOS).
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn time_of_computer() -> Option<Timespec> {
    Some(rustix::time::clock_gettime(
        rustix::time::ClockId::Monotonic,
    ))
}

/// How long the computer has been up, as long as it was suspended too: a PIN does not outlast a night in a bag.
#[must_use]
pub fn up_time() -> Duration {
    // What cannot be told, as where a sandbox forbids it, is later than any time.
    time_of_computer()
        .and_then(|time| Duration::try_from(time).ok())
        .unwrap_or(Duration::MAX)
}

/// The file of the whole system's settings.
#[must_use]
pub fn system_file(_environment: Option<Environment<'_>>) -> PathBuf {
    PathBuf::from("/etc/tapcard/pkcs11.toml")
}

/// Opens a file of settings, whatever is in its place: a pipe is not waited for.
///
/// # Errors
/// The system's.
pub fn open_settings(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
}

/// Whether this user or root alone may change it.
///
/// # Errors
/// The system's.
pub fn is_of_user_or_administrator(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    let ours = [0, geteuid().as_raw()].contains(&metadata.uid());
    Ok(ours && metadata.mode() & WRITABLE_BY_OTHERS == 0)
}

/// Opens a log to append to it, for this user alone where it is new.
///
/// # Errors
/// The system's.
pub fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
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
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)
}

/// Locks a file for this process alone, without waiting.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where another process has it locked.
pub fn lock_alone(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
}

/// Locks a file together with others, in place of the lock that this process has, without waiting.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where another process has it locked for itself alone.
pub fn lock_shared(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::NonBlockingLockShared)?)
}

/// Unlocks a file.
///
/// # Errors
/// The system's.
pub fn unlock(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::Unlock)?)
}

/// The program's terminal, unless it has none or is in the background, where a terminal may stop it for writing.
#[must_use]
pub fn open_terminal() -> Option<File> {
    let terminal = OpenOptions::new()
        .write(true)
        // A terminal that was stopped keeps nobody waiting.
        .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
        .open(TERMINAL)
        .ok()?;
    tcgetpgrp(&terminal)
        .is_ok_and(|group| group == getpgrp())
        .then_some(terminal)
}

/// The machine's name.
#[must_use]
pub fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    Some(system.nodename().to_string_lossy().into_owned())
}

/// Whether the program runs as root, and so serves others.
#[must_use]
pub fn is_of_system() -> bool {
    geteuid().is_root()
}
