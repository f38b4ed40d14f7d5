//! Whether a server ever worked on a database that is looked at.

use enroll_server_store::{Store, installation};

use crate::error::{Error, Result};

/// Makes sure that one did: an empty database, or that of a mistyped folder, has nothing to tell.
///
/// # Errors
/// [`Error::NoInstallation`]; if the database fails.
pub(crate) async fn check(store: &Store) -> Result<()> {
    match installation::get(store.reader()).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Error::NoInstallation),
        Err(error) if error.is_missing_table() => Err(Error::NoInstallation),
        Err(error) => Err(error.into()),
    }
}
