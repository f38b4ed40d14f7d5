//! Which processes are logged in to a card: a card knows of no more than one user, and the last one out logs out.
//!
//! Each process that is logged in holds a file of the card locked, shared with the others. The system unlocks it when the
//! process ends, however it ends. Programs that are merely connected to the card hold nothing.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use card_host::Identity;
use card_host::private_folder;
use card_host::user_folder::{Environment, UserFolder};
use data_encoding::HEXLOWER;

use crate::hash::start_of_sha256;
use crate::log;
use crate::platform::{self, lock_alone, lock_shared, unlock};

/// The folder below the user's folder for what lasts as long as a login to the machine, or for caches.
const FOLDER: &str = "tapcard/logins";
/// How long another process is waited for that is just logging out.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(10);

/// Where the files are.
#[derive(Debug, Default)]
pub struct Logins {
    folder: Option<PathBuf>,
}

impl Logins {
    /// In this folder, which is made when it is needed.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
        }
    }

    /// In the user's folder for what lasts as long as a login to the machine; without any such folder every process counts
    /// as the only one.
    #[must_use]
    pub fn of_user(environment: Environment<'_>) -> Self {
        Self {
            folder: UserFolder::Runtime.of(environment, FOLDER),
        }
    }

    /// This process logs in to the card in this reader; `None` where that cannot be told to others.
    #[must_use]
    pub fn enter(&self, reader: &CStr, card: Identity) -> Option<Login> {
        let path = self.folder.as_ref()?.join(name(reader, card));
        match open(&path) {
            Ok((file, found_others)) => Some(Login {
                locked: Locked(file),
                found_others,
            }),
            Err(error) => {
                log::note(|| format!("other programs are not told of the login: {error}"));
                None
            }
        }
    }
}

/// The file of a card: two cards that claim to be the same are in two readers.
fn name(reader: &CStr, card: Identity) -> String {
    HEXLOWER.encode(&start_of_sha256(&[reader.to_bytes_with_nul(), &card.0]))
}

/// The file, locked together with all who are logged in, and whether there may be any; who is just logging out is waited for.
fn open(path: &Path) -> io::Result<(File, bool)> {
    private_folder::make(path.parent().unwrap_or(path))?;
    let file = platform::open_lock(path)?;
    let found_others = lock_alone(&file).is_err();
    let patience = Instant::now() + PATIENCE;
    loop {
        match lock_shared(&file) {
            Ok(()) => return Ok((file, found_others)),
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < patience =>
            {
                std::thread::sleep(LOOK);
            }
            Err(error) => return Err(error),
        }
    }
}

/// A process that is logged in to a card, until it is dropped.
#[derive(Debug)]
pub struct Login {
    locked: Locked,
    found_others: bool,
}

/// A locked file. A child that was forked has it open too, so that closing it would not unlock it.
#[derive(Debug)]
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        if let Err(error) = unlock(&self.0) {
            log::note(|| format!("other programs are not told of the log-out: {error}"));
        }
    }
}

impl Login {
    /// Whether other processes may have been logged in when this one was about to: those that have left since have not logged
    /// out.
    #[must_use]
    pub fn found_others(&self) -> bool {
        self.found_others
    }

    /// The process is about to log out: the lock that keeps others from logging in meanwhile, where it is the last one.
    #[must_use]
    pub fn leave(self) -> Option<LastOut> {
        // Two that leave at once: the lock of neither stands in the other's way, and one of them has it first.
        let file = &self.locked.0;
        unlock(file).ok()?;
        lock_alone(file).ok().map(|()| LastOut(self.locked))
    }
}

/// The last process that was logged in to a card, until it is dropped.
#[derive(Debug)]
pub struct LastOut(#[expect(dead_code, reason = "it is unlocked when it is dropped")] Locked);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_out_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let logins = Logins::at(folder.path().join("logins"));
        let card = Identity([1; 16]);
        let enter = |reader| logins.enter(reader, card).unwrap();
        let (first, second) = (enter(c"A"), enter(c"A"));
        let elsewhere = enter(c"B");
        let found = [&first, &second, &elsewhere].map(Login::found_others);
        assert_eq!(found, [false, true, false]);
        assert!(first.leave().is_none());
        let last = second.leave().unwrap();
        // Who logs in meanwhile waits until the card has logged out.
        drop(std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            drop(last);
        }));
        assert!(enter(c"A").leave().is_some());
        assert!(elsewhere.leave().is_some());
    }

    #[test]
    fn without_a_folder_nobody_is_told() {
        assert!(Logins::default().enter(c"A", Identity([1; 16])).is_none());
    }
}
