//! The check of a SQLite database that was copied.

use std::path::Path;

use enroll_server_model::Timestamp;
use enroll_server_store::{Store, installation};

use super::error::{BackupError, Result};
use crate::audit::{self, Verdict};

/// What a database says.
pub(super) struct Checked {
    /// How many events its audit trail has.
    pub(super) events: i64,
    /// The time of the newest.
    pub(super) latest: Timestamp,
}

/// Opens a copy, and checks its audit trail.
pub(super) async fn check(copy: &Path) -> Result<Checked> {
    let store = Store::open_to_read(&Store::url_of(copy)).await?;
    let checked = read(&store).await;
    store.close().await;
    checked
}

async fn read(store: &Store) -> Result<Checked> {
    match audit::verify(store).await? {
        Verdict::Whole(events) => Ok(Checked {
            events,
            latest: installation::latest_event(store.reader()).await?,
        }),
        Verdict::Broken { sequence } => Err(BackupError::Broken(sequence)),
    }
}
