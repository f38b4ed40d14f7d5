//! What is done, for whoever waits.

use std::path::PathBuf;

/// What is done, for whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An earlier restore was interrupted before it changed anything; what it had copied is removed.
    LeftOverRemoved,
    /// An earlier restore was interrupted while it put the backup in place; that is completed.
    InterruptedCompleted,
    /// A file or folder of the data folder is copied.
    Copied(String),
    /// This is a link to nowhere, or not a file: it is not copied.
    NotThere(PathBuf),
    /// A file of the authority is damaged, and copied as it is.
    Damaged(PathBuf),
    /// A file of the authority that was lost is there again.
    BroughtBack {
        /// Its name.
        name: String,
        /// What was wrong with it.
        was: Was,
    },
    /// A file of the authority stays, in place of the backup's.
    Kept {
        /// Its name.
        name: String,
        /// Why.
        why: Kept,
    },
    /// The database is copied and its audit trail checked; how many events.
    Database(i64),
    /// The database is PostgreSQL's, which has its own programs for it.
    DatabaseLeft,
    /// The data from before is kept here.
    SetAside(PathBuf),
}

/// What was wrong with a file that the backup has whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was {
    /// It was not there, or a link to nowhere.
    Missing,
    /// It was empty, unreadable or not what it should be.
    Damaged,
}

/// Why a file of the authority stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is the record of a newer CRL: numbers must not begin again, and what is on it stays revoked.
    Newer {
        /// The CRL's number.
        number: i64,
        /// That of the backup's, if it has one.
        in_backup: Option<i64>,
    },
    /// The backup does not have it whole.
    NotInBackup,
}

/// What there is after a restore, and what it undid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made (RFC 3339), or, of one that does not say so, the time of its last event.
    pub made: Option<String>,
    /// The newest CRLs that the backup knows: the authority's name, the CRL's number.
    pub lists: Vec<(String, i64)>,
    /// Whether a newer CRL was kept than the backup knows.
    pub newer_list_kept: bool,
    /// Where the passphrase belongs, if it is not there.
    pub no_passphrase: Option<PathBuf>,
}
