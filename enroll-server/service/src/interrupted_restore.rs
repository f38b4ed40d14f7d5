//! What a restore that was interrupted left, for whoever works on the data next.

use std::path::Path;

use crate::backup::{self, BackupError, Settled};

/// Removes or completes it, and logs that. The lock of the data is held.
///
/// # Errors
/// If that cannot be done; the data must not be worked on then.
pub(crate) fn settle(data: &Path, file: Option<&Path>) -> Result<(), BackupError> {
    match backup::settle(data, file)? {
        Settled::Nothing => {}
        Settled::Removed => tracing::warn!(
            "a restore was interrupted before it changed anything: the data is as it was, and what had been copied is removed"
        ),
        Settled::Completed => tracing::warn!(
            "a restore was interrupted while it put the backup in place: that is completed now, and the data is the backup's"
        ),
    }
    Ok(())
}
