//! The folder of a card: who may use it, and whether there has been a card in it.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use super::error::{StateError, io};
use super::file;

/// The card but for its retry counters.
pub(super) const CARD_FILE: &str = "card.json";
/// Serialises the processes that use the folder.
pub(super) const LOCK_FILE: &str = "lock";
/// Keeps enrollments of one card apart.
pub(super) const ENROLLING_FILE: &str = "enrolling.lock";
/// Keeps readers of one card apart.
pub(super) const RUNNING_FILE: &str = "running.lock";

/// Says that the first card of the folder is being made: whoever is killed meanwhile has lost no card.
const MAKING_FILE: &str = "making";

/// What no folder has that never had a card.
const TRACES: [&str; 6] = [
    "card.json.new",
    "counters",
    "counters.new",
    ENROLLING_FILE,
    RUNNING_FILE,
    LOCK_FILE,
];

/// Makes the folder where there is none, for its owner alone.
pub(super) fn create(folder: &Path) -> Result<(), StateError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(io("create", folder))
}

/// The folder must be of whoever runs this, or the administrator's, and nobody else may write it: they could put
/// another card there.
pub(super) fn check(folder: &Path) -> Result<(), StateError> {
    let meta = fs::metadata(folder).map_err(io("read", folder))?;
    let owners = [rustix::process::geteuid().as_raw(), 0];
    if meta.mode() & file::OTHERS_WRITE != 0 || !owners.contains(&meta.uid()) {
        return Err(StateError::OthersMayWrite(folder.to_owned()));
    }
    Ok(())
}

/// A file that is there because there has been a card.
pub(super) fn trace_of_a_card(folder: &Path) -> Result<Option<&'static str>, StateError> {
    if exists(&folder.join(MAKING_FILE))? {
        return Ok(None);
    }
    for name in TRACES {
        if exists(&folder.join(name))? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Why there is no card in a folder that has no card's file.
pub(super) fn card_is_gone(folder: &Path) -> Result<StateError, StateError> {
    let folder_name = folder.to_owned();
    Ok(match trace_of_a_card(folder)? {
        Some(trace) => StateError::CardIsGone {
            folder: folder_name,
            trace,
        },
        None => StateError::NoCard(folder_name),
    })
}

/// Whether there is no card in the folder and never was one; an unfinished one does not count.
pub(super) fn is_without_card(folder: &Path) -> Result<bool, StateError> {
    Ok(!exists(&folder.join(CARD_FILE))? && trace_of_a_card(folder)?.is_none())
}

/// To be called before anything else is written: notes that a card is being made, where there has never been one.
pub(super) fn begin_making(folder: &Path) -> Result<(), StateError> {
    if is_without_card(folder)? {
        file::open_lock(&folder.join(MAKING_FILE))?;
        file::sync_folder(folder)?;
    }
    Ok(())
}

/// The card is there.
pub(super) fn end_making(folder: &Path) -> Result<(), StateError> {
    file::remove(&folder.join(MAKING_FILE))
}

/// Whether there is anything of this name, a link that leads nowhere included.
fn exists(path: &Path) -> Result<bool, StateError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io("read", path)(error)),
    }
}
