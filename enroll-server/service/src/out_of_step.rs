//! That the database is not as new as the authorities.

use std::path::PathBuf;

/// What to do, as it follows what is wrong.
#[derive(Debug, thiserror::Error)]
#[error(
    "What was revoked since would be good again, so the server does not start. Run `enroll-server reconcile` with the same --data and --database: it takes the certificates on the last revocation list over as revoked"
)]
struct WhatToDo;

/// The database is older than the authorities.
#[derive(Debug, thiserror::Error)]
pub enum OutOfStep {
    /// Nobody ever worked on the database, and the authorities were at work before.
    #[error(
        "the database is empty, and {} was in use with another one. {}. If there should be a database already, --database or --data is not right",
        folder.display(),
        WhatToDo
    )]
    Empty {
        /// The authorities' folder.
        folder: PathBuf,
    },
    /// It does not know the newest CRL.
    #[error(
        "the database is older than the authority {authority}: the newest revocation list that was published is number {kept}, and the newest that the database knows is number {known} (0: none), or another one of the same number. Most likely the database was restored from a backup. {}",
        WhatToDo
    )]
    Behind {
        /// The authority's name.
        authority: String,
        /// The number of the CRL that is kept beside the key.
        kept: i64,
        /// The number of the newest in the database.
        known: i64,
    },
}
