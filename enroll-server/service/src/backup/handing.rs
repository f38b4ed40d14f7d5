//! Whose a copy becomes that root makes in somebody's folder.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use enroll_server_files::{FileError, Owner};

use crate::lock::real;

/// Whom copies are handed over to, and of what. Whoever owns a folder that is copied can have put links in it to what only
/// root can read: the copy of that stays root's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handing {
    to: Option<Owner>,
    /// Who alone could put things where the copy is made from. What is theirs too is meant to be handed over: a backup in
    /// root's folder is root's.
    from: Option<u32>,
    /// The mode of all copies, if it is not their source's.
    mode: Option<u32>,
}

impl Handing {
    /// Of copies of what is in a folder, for another folder.
    pub(super) fn new(from: &Path, to: &Path) -> Result<Self, FileError> {
        Ok(Self {
            to: Owner::of(to)?,
            from: only_user(from),
            mode: None,
        })
    }

    /// The same with a mode for all copies.
    pub(super) fn with_mode(self, mode: u32) -> Self {
        let mode = Some(mode);
        Self { mode, ..self }
    }

    /// The same of what is in this folder, or of this file.
    pub(super) fn inside(self, path: &Path) -> Self {
        let from = self.from.filter(|user| is_of_alone(path, *user));
        Self { from, ..self }
    }

    /// The mode of a copy, and whom it is handed over to.
    pub(super) fn of(self, source: &Metadata) -> (u32, Option<Owner>) {
        let mode = self.mode.unwrap_or(source.mode()) & 0o777;
        match self.to {
            None => (mode, None),
            Some(owner) if owner.is(source.uid()) || self.from == Some(source.uid()) => {
                (mode, Some(owner))
            }
            Some(_) => (mode & 0o700, None),
        }
    }

    /// Whom all else is handed over to.
    pub(super) fn to(self) -> Option<Owner> {
        self.to
    }
}

/// The owner of a folder, if nobody but them and root can change what is in it or what its path leads to.
fn only_user(folder: &Path) -> Option<u32> {
    let place = real(folder);
    let user = place.symlink_metadata().ok()?.uid();
    let is_kept = |path: &Path| {
        path.symlink_metadata().is_ok_and(|found| {
            let is_sticky = found.mode() & 0o1000 != 0;
            [0, user].contains(&found.uid())
                && (found.is_symlink() || is_sticky || found.mode() & 0o022 == 0)
        })
    };
    let given = std::path::absolute(folder).ok()?;
    let is_kept = given.ancestors().chain(place.ancestors()).all(is_kept);
    (is_kept && is_of_alone(&place, user)).then_some(user)
}

/// Whether a file or folder itself is a user's, and nobody else can put things into it.
fn is_of_alone(path: &Path, user: u32) -> bool {
    path.symlink_metadata().is_ok_and(|found| {
        !found.is_symlink() && found.uid() == user && (found.is_file() || found.mode() & 0o022 == 0)
    })
}
